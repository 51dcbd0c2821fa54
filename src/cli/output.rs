//! Where the outputs of a check go: one to standard output, any number to files.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use super::source::Failure;
use crate::report::checked::Checked;
use crate::report::text::{self, Style};
use crate::report::{github, gitlab, json, junit, markdown, sarif};

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// With the keys of the expected-findings file; also what `--baseline` reads.
    Json,
    /// SARIF 2.1.0, for code-scanning pages.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// Code quality of GitLab.
    Gitlab,
    /// A summary for job pages and merge requests.
    Markdown,
}

/// A format and the file it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    format: Format,
    path: PathBuf,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((format, path)) = text.split_once('=') else {
            return Err("write FORMAT=FILE, such as sarif=wherefore.sarif".to_owned());
        };
        if path.is_empty() {
            return Err("name a file after `=`, or `-` for standard output".to_owned());
        }
        let format = Format::from_str(format, false).map_err(|_| {
            let words: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("`{format}` is no format; choose one of {}", words.join(", "))
        })?;
        Ok(Self {
            format,
            path: path.into(),
        })
    }
}

/// What goes where.
#[derive(Debug)]
pub struct Plan<'o> {
    /// To standard output; nothing was said if `None`.
    pub printed: Option<Format>,
    /// To files.
    pub files: Vec<(Format, &'o Path)>,
}

/// Sorts out what goes where. Two outputs to one place would leave neither readable, so that is refused.
pub fn plan(format: Option<Format>, outputs: &[Output]) -> Result<Plan<'_>, Failure> {
    let mut printed: Vec<Format> = format.into_iter().collect();
    let mut files: Vec<(Format, &Path)> = Vec::new();
    for Output { format, path } in outputs {
        if path.as_os_str() == "-" {
            printed.push(*format);
        } else if files.iter().any(|(_, other)| other == path) {
            return Err(Failure::Usage(format!(
                "two outputs go to `{}`; name a file for each",
                path.display()
            )));
        } else {
            files.push((*format, path));
        }
    }
    if printed.len() > 1 {
        return Err(Failure::Usage(
            "two outputs go to standard output; give all but one a file: --output FORMAT=FILE".to_owned(),
        ));
    }
    Ok(Plan {
        printed: printed.pop(),
        files,
    })
}

/// The findings in a format. `is_quiet` leaves nothing but the counts of the text.
pub fn render(checked: &Checked<'_>, format: Format, style: Style, is_quiet: bool) -> String {
    match format {
        Format::Text if is_quiet => text::counts(checked),
        Format::Text => format!(
            "{}as of {}\n",
            text::findings(checked, style),
            checked.ground.zone.print(checked.ground.as_of)
        ),
        Format::Json => format!("{:#}\n", json::checked(checked)),
        Format::Sarif => format!("{:#}\n", sarif::log(checked)),
        Format::Junit => junit::report(checked),
        Format::Github => github::annotations(checked),
        Format::Gitlab => format!("{:#}\n", gitlab::issues(checked)),
        Format::Markdown => markdown::summary(checked),
    }
}

/// Writes one file.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|cause| Failure::Unwritable {
        path: path.to_owned(),
        cause,
    })
}
