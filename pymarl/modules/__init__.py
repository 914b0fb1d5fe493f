"""Networks: agents, mixers and critics, in plain torch."""
