"""Models as ONNX files: what the engine writes into their metadata, and reading them with suspicion."""
