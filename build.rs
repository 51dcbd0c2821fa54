//! Tells cargo when the browser pages have changed, and the builder when they are missing. It never runs npm:
//! a build must work without node and without a network.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=web/dist");
    let is_wanted = std::env::var_os("CARGO_FEATURE_SERVER").is_some();
    if is_wanted && !std::path::Path::new("web/dist/index.html").exists() {
        println!(
            "cargo:warning=web/dist is missing: the server will run without the browser pages; build them with \
             `npm --prefix web ci && npm --prefix web run build`"
        );
    }
}
