export { filePositions } from "./file-positions";
