"""What each convention calls the same thing, the newest name first."""

Names = tuple[str, ...]

CALLS: Names = (  # operations that are billed
    "chat",
    "generate_content",
    "text_completion",
    "completion",
    "embeddings",
    "embedding",
    "responses",
)
KINDS: Names = (  # OpenInference's and Langfuse's kinds that are billed
    "LLM",
    "EMBEDDING",
    "GENERATION",
)
REQUESTS: Names = (  # OpenLLMetry's types that are billed
    "chat",
    "completion",
    "embedding",
    "rerank",
)
MODELS: Names = (
    "gen_ai.response.model",
    "ai.response.model",
    "llm.response.model",
    "gen_ai.request.model",
    "ai.model.id",
    "llm.model_name",
    "llm.request.model",
    "embedding.model_name",
    "langfuse.observation.model.name",
)
PROVIDERS: Names = (
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "ai.model.provider",
    "llm.system",
)
INPUT: Names = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "llm.usage.prompt_tokens",
    "ai.usage.tokens",
)
OUTPUT: Names = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
    "llm.usage.completion_tokens",
)
TOTAL: Names = (
    "gen_ai.usage.total_tokens",
    "llm.usage.total_tokens",
    "llm.token_count.total",
    "ai.usage.totalTokens",
)
READ: Names = (  # read from a cache
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "ai.usage.cachedInputTokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.cached_tokens",
)
WRITE: Names = (  # written to a cache
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
)
REASONING: Names = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "ai.usage.reasoningTokens",
    "llm.token_count.completion_details.reasoning",
    "gen_ai.usage.output_tokens.reasoning",
)
COSTS: Names = (
    "gen_ai.usage.cost",
    "llm.cost.total",
    "gen_ai.cost.total_cost",
    "operation.cost",
)
USERS: Names = (
    "user.id",
    "gen_ai.user",
    "enduser.id",
    "ai.telemetry.metadata.userId",
    "traceloop.association.properties.user_id",
)
SESSIONS: Names = (
    "gen_ai.conversation.id",
    "session.id",
    "ai.telemetry.metadata.sessionId",
    "traceloop.association.properties.session_id",
)
TASKS: Names = (  # explicit task keys
    "llm.prompt_template.name",
    "gen_ai.prompt.name",
    "traceloop.prompt.key",
    "ai.telemetry.functionId",
)
SCHEMAS: Names = (  # what the answer was bound to
    "gen_ai.openai.request.response_format",
    "gen_ai.request.structured_output_schema",
    "ai.schema",
)
TOKENS_OF_EMBEDDING = "ai.usage.tokens"
DETAILS = "langfuse.observation.usage_details"
