// For tests of other packages that need a bound client without the rest of this one.
export { bindClient } from "../binding/bind-client";
