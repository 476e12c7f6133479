//! What the pages on grants say is so.
