"""Students with a neural network: reading weights, making batches, the training loop, answering.

torch, transformers and peft are imported inside functions: importing this package costs nothing.
"""
