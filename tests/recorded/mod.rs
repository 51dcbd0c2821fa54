//! What the record knew when: corrections, retractions and `as_known_at`, in files and in stores.

mod anybody;
mod changed;
mod downstream;
mod examples;
mod judged;
mod kept;
mod laid_down;
mod large;
mod random;
mod sure;
