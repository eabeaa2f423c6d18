"""The web application's parts: one idea a file; ``server.build_app`` joins them.

asking → the one way to the assistant; page, api, openai_api → the ways in; cards → an answer as safe HTML;
sources → pages about what is known; headers, limits → what keeps them safe; strings → words of the interface.
"""
