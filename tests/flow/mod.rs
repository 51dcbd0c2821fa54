//! Flow policies: read with all their problems, decided alike with and without memory, judged and stored.

mod alike;
mod decided;
mod judged;
mod refused;
