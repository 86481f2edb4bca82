"""An encoder small enough to tune in a test: random weights, a word-piece tokenizer learned on the spot."""

from functools import lru_cache
from pathlib import Path


@lru_cache
def tiny_encoder(folder: str, hidden: int = 64, layers: int = 2, vocabulary: int = 600) -> str:
    """A BERT of that size with its tokenizer, saved as safetensors."""
    import random

    import torch
    from corpus import TOPICS, sentence
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    dice, learned = random.Random(3), BertWordPieceTokenizer(lowercase=True)
    texts = [sentence(dice, topic) for topic in TOPICS for _ in range(50)] + ["0 1 2 3 4 5 6 7 8 9 : ."] * 5
    learned.train_from_iterator(texts, vocab_size=vocabulary, min_frequency=1, show_progress=False)
    Path(folder).mkdir(parents=True, exist_ok=True)
    learned.save_model(folder)
    BertTokenizerFast(vocab=f"{folder}/vocab.txt").save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=learned.get_vocab_size(), hidden_size=hidden, intermediate_size=2 * hidden,
        num_hidden_layers=layers, num_attention_heads=4, max_position_embeddings=128,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder
