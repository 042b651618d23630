import { library } from "../../tooling/src/tsup";

export default library(import.meta.dirname);
