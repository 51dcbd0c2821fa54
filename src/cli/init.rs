//! `wherefore init`: begins a folder that can be checked.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::out::outln;
use super::source::Failure;

/// What is written: name and text.
const FILES: &[(&str, &str)] = &[
    (
        "wherefore.yaml",
        include_str!("../../examples/starter/wherefore.yaml"),
    ),
    (
        "privacy/things.yaml",
        include_str!("../../examples/starter/privacy/things.yaml"),
    ),
    (
        "privacy/flows.yaml",
        include_str!("../../examples/starter/privacy/flows.yaml"),
    ),
];

/// Write a commented `wherefore.yaml` and two small fact files to begin with.
///
/// The check of what is written has one finding, and the file says how to mend it. Nothing is overwritten.
#[derive(Debug, Args)]
pub struct Init {
    /// Where; made if there is no such folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Init {
    /// Runs it.
    pub fn run(self) -> Result<Exit, Failure> {
        if let Some((name, _)) = FILES.iter().find(|(name, _)| self.folder.join(name).exists()) {
            return Err(Failure::Usage(format!(
                "`{}` is there already; nothing was written",
                self.folder.join(name).display()
            )));
        }
        for (name, text) in FILES {
            let path = self.folder.join(name);
            let unwritable = |cause| Failure::Unwritable {
                path: path.clone(),
                cause,
            };
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(unwritable)?;
            }
            std::fs::write(&path, text).map_err(unwritable)?;
            outln!("wrote {}", path.display());
        }
        outln!("now run: wherefore check {}", self.folder.display());
        Ok(Exit::Clean)
    }
}
