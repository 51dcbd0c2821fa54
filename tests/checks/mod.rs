//! Every check, on small cases that a lawyer can read: `data/<check>.yaml`.
//!
//! A file has `shared` facts and `cases`; each case adds facts (lists are joined, other keys replaced) and says all
//! findings. No findings means that the case conforms.

mod appendix;
mod cases;
mod codes;
mod coverage;
mod judged;
mod sentences;
