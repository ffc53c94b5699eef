//! What comes out of a deployment: as a whole (golden files), and what must hold of it (properties, each with a fault that breaks it).

mod docker;
mod read;
mod scenarios;
