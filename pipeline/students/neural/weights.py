"""Reading a base's weights and putting adapters on it. safetensors or GGUF only, no remote code, nothing downloaded."""

import importlib.util
import warnings
from typing import Any

from analytics.errors import InputError, MissingExtra
from pipeline.base_files import files_of
from pipeline.base_models import BaseModel
from pipeline.contracts import Training
from pipeline.students.neural.settings import method_of

SEED_OF_ADAPTERS = 17


def read_tokenizer(base: BaseModel) -> Any:
    """The base's tokenizer with its chat template."""
    transformers = quiet_transformers()
    folder, file = files_of(base)
    extra = {"gguf_file": file} if file else {}
    return transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False, **extra)


def read_weights(base: BaseModel, dtype: str = "float32", method: str = "lora") -> Any:
    """The base as a causal language model."""
    transformers = quiet_transformers()
    folder, file = files_of(base)
    options: dict[str, Any] = {"gguf_file": file} if file else {"use_safetensors": True}
    if method == "qlora":
        options["quantization_config"] = _four_bits(transformers)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, trust_remote_code=False, local_files_only=True, **options
    )
    model.config.use_cache = False
    if file:  # reading a GGUF turns its weights into plain ones, but leaves the model marked as quantized
        model.is_quantized, model.hf_quantizer = False, None
        del model.config.quantization_config
    return model


def add_adapters(model: Any, base: BaseModel, training: Training, rank: int, seed: int) -> Any:
    """Low-rank adapters on the base's own target layers (Hu et al. 2021); alpha is twice the rank."""
    import peft
    import torch

    torch.manual_seed(seed + SEED_OF_ADAPTERS)
    if method_of(training) == "full":
        for parameter in model.parameters():
            parameter.requires_grad_(True)
        return model
    targets = list(base.lora_targets) or "all-linear"
    config = peft.LoraConfig(
        r=rank, lora_alpha=2 * rank, target_modules=targets, lora_dropout=0.0, task_type="CAUSAL_LM"
    )
    return wrap(model, config)


def wrap(model: Any, config: Any) -> Any:
    """``peft.get_peft_model`` without the warning that peft causes: it asks for an attribute by its old name."""
    import peft

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")
        return peft.get_peft_model(model, config)


def recompute_activations(model: Any) -> Any:
    """Keep the input of each layer only, and compute the rest again in the backward pass (Chen et al. 2016)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*gradient_checkpointing.*")
        model.get_base_model().activation_checkpointing_enable({"use_reentrant": False})
    return model.train()  # a layer does so in this mode alone; no part of these networks drops anything out


def _four_bits(transformers: Any) -> Any:
    """QLoRA (Dettmers et al. 2023): four-bit NF4 weights under 16-bit adapters."""
    if importlib.util.find_spec("bitsandbytes") is None:
        raise InputError("method qlora needs bitsandbytes, which is not installed; use method lora")
    import torch

    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
    )


def quiet_transformers() -> Any:
    """The library, without its progress bars and advice. Raises MissingExtra."""
    try:
        import transformers
    except ImportError as error:
        raise MissingExtra("transformers", "train") from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers
