/** Exported networks: tracing a tfjs function into an ONNX file with a free batch dimension, and running such files. */
export { exportGraph } from './onnx/export.ts';
export { GraphRunner } from './onnx/graph-runner.ts';
