//! The sub-commands of `hearth`.
