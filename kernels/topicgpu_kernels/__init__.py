"""Kernels of topicgpu: one folder an operation, the reference beside every fused form."""
