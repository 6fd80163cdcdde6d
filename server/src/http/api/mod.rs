//! The REST API, in the shapes of the upstream product, one file a noun.
