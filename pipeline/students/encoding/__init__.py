"""Fine-tuned encoders: one label, several labels, fields of a JSON object. torch is imported inside functions."""
