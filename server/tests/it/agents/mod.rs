mod calls;
mod program;
mod reinit;
