"""The web application's parts: one idea a file; ``server.build_app`` joins them.

asking → the one way to the assistant; models → which of those present answers; page and layout (what the chat does
and its components), api, openai_api → the ways in; cards → an answer as safe HTML; sources → pages about what is known;
headers, limits → what keeps them safe; strings → words of the interface.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: else the server calls outside
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "200"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = (
    "1000000000"  # no summary after each event: it needs pandas, nobody reads it
)
