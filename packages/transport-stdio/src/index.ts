export { stdio } from "./stdio";
