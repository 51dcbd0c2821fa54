//! Rule packs: the promises of one policy or law, to be held against anybody's facts.

use std::sync::Arc;

use super::word::Section;

/// What a pack says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name; the ids of its rules begin with it.
    pub name: Arc<str>,
    /// What it is, for people.
    pub title: String,
    /// The published text it stands for.
    pub source: String,
    /// The address of that text, when it has one.
    pub link: Option<String>,
    /// Nobody is bound to it by law.
    pub voluntary: bool,
    /// What has to be said about the facts before it can be used.
    pub parameters: Vec<Parameter>,
    /// The clauses of the text, each in one sentence.
    pub clauses: Vec<Clause>,
}

/// A rule of a pack as written, before its parameters are bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Its id, without the name of the pack.
    pub id: String,
    /// Its check.
    pub check: String,
    /// Its clause.
    pub clause: String,
    /// Its severity.
    pub severity: String,
    /// Articles of law.
    pub law: Vec<String>,
    /// What to do about its findings.
    pub advice: String,
    /// The names of the parameters of the pack that it needs.
    pub needs: Vec<String>,
}

/// A clause of a published text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// How it is cited.
    pub id: String,
    /// What it asks, in one sentence.
    pub text: String,
    /// Its own address.
    pub link: Option<String>,
}

/// Whether the clause of a rule is this clause or contains it: `ZC-5.3` stands for ZC-5.3a to d.
pub fn fits(of_rule: &str, clause: &str) -> bool {
    let ends_in_digit = of_rule.ends_with(|last: char| last.is_ascii_digit());
    clause
        .strip_prefix(of_rule)
        .is_some_and(|rest| !(ends_in_digit && rest.starts_with(|next: char| next.is_ascii_digit())))
}

/// Something that a pack must be told about the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name it is bound by.
    pub name: String,
    /// What its values are.
    pub wants: Wants,
    /// What it stands for, for people.
    pub about: String,
    /// Without it the rules that name it are left out.
    pub optional: bool,
    /// Without it the rules that name it are not limited by it; those that cannot do without names are left out.
    pub everybody: bool,
}

impl Parameter {
    /// Whether the pack is refused without it.
    pub fn must_be_bound(&self) -> bool {
        !self.optional && !self.everybody
    }
}

/// What the values of a parameter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// One processor of the facts.
    Processor,
    /// Processors of the facts, one or more.
    Processors,
    /// Fields of the facts, one or more.
    Fields,
    /// Purposes of the facts, one or more.
    Purposes,
    /// Countries, one or more, as the facts write them.
    Countries,
}

impl Wants {
    /// Every word as written.
    pub const WORDS: &'static [&'static str] =
        &["processor", "processors", "fields", "purposes", "countries"];

    /// The meaning of a word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "processor" => Some(Self::Processor),
            "processors" => Some(Self::Processors),
            "fields" => Some(Self::Fields),
            "purposes" => Some(Self::Purposes),
            "countries" => Some(Self::Countries),
            _ => None,
        }
    }

    /// What to write, for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processor => "one processor",
            Self::Processors => "processors",
            Self::Fields => "fields",
            Self::Purposes => "purposes",
            Self::Countries => "countries",
        }
    }

    /// The section that must declare the values; countries are declared nowhere.
    pub fn section(self) -> Option<Section> {
        match self {
            Self::Processor | Self::Processors => Some(Section::Processors),
            Self::Fields => Some(Section::Fields),
            Self::Purposes => Some(Section::Purposes),
            Self::Countries => None,
        }
    }
}
