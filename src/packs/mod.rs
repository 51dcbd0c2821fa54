//! Rule packs: which there are, and how one is named with what it must be told about the facts.
//!
//! `pipl` names a pack inside the program, `zhima-credit:self=zhima` one with its parameters, a path a pack of the
//! user's own. Reading files is the caller's part: this module is pure.

mod error;

use std::sync::OnceLock;

use crate::facts::node::Node;
use crate::facts::{self, PackRules, Reading};
use crate::import;
use crate::model::fact::Stated;
use crate::model::pack::{Pack, Parameter, Sketch, Wants};
use crate::model::place::Problem;
use crate::model::word::Section;

pub use error::PackError;

/// The packs inside the program: name and text.
pub const BUILT_IN: &[(&str, &str)] = &[
    (
        "partner-rules",
        include_str!("../../schema/packs/partner-rules.yaml"),
    ),
    (
        "biometric-guidelines",
        include_str!("../../schema/packs/biometric-guidelines.yaml"),
    ),
    (
        "zhima-credit",
        include_str!("../../schema/packs/zhima-credit.yaml"),
    ),
    ("pipl", include_str!("../../schema/packs/pipl.yaml")),
    ("gdpr", include_str!("../../schema/packs/gdpr.yaml")),
];

/// Their trees, each read when somebody first binds it: that takes longer than to bind it.
static TREES: [OnceLock<Option<Node<'static>>>; BUILT_IN.len()] = [const { OnceLock::new() }; BUILT_IN.len()];

/// How a user names a pack: `NAME`, `NAME:self=ID` or `NAME:self=ID,partner=ID,partner=ID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name of a pack inside the program, or a path.
    pub name: String,
    /// The values of its parameters, in the order of first mention.
    pub values: Vec<(String, Vec<String>)>,
}

impl Spec {
    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let (name, rest) = match text.split_once(':') {
            Some((name, rest)) => (name, Some(rest)),
            None => (text, None),
        };
        let mut values: Vec<(String, Vec<String>)> = Vec::new();
        for part in rest.into_iter().flat_map(|rest| rest.split(',')) {
            let Some((key, value)) = part
                .split_once('=')
                .filter(|(key, value)| !key.is_empty() && !value.is_empty())
            else {
                return Err(PackError::Spec {
                    text: text.to_owned(),
                });
            };
            match values.iter_mut().find(|(known, _)| known == key) {
                Some((_, list)) => list.push(value.to_owned()),
                None => values.push((key.to_owned(), vec![value.to_owned()])),
            }
        }
        if name.is_empty() {
            return Err(PackError::Spec {
                text: text.to_owned(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            values,
        })
    }

    /// The text of the pack, when it is inside the program.
    pub fn built_in(&self) -> Option<&'static str> {
        self.place_built_in().map(|at| BUILT_IN[at].1)
    }

    fn place_built_in(&self) -> Option<usize> {
        BUILT_IN.iter().position(|(name, _)| *name == self.name)
    }
}

/// A pack with its parameters bound.
#[derive(Clone, Debug)]
pub struct Bound {
    /// What it says about itself.
    pub pack: Pack,
    /// The values of its parameters.
    pub values: Vec<(String, Vec<String>)>,
    /// Its rules, in its order, each with its place in the pack.
    pub rules: Vec<Stated>,
    /// Rules that are left out, because a parameter is not bound: rule and parameter.
    pub left_out: Vec<(String, String)>,
    /// What its rules name of the facts: section and id. What the facts do not declare can fit nothing.
    pub names: Vec<(Section, String)>,
}

/// What a pack says about itself, and its rules as written. `name` stands in messages.
pub fn sketch(text: &str, name: &str) -> Result<(Pack, Vec<Sketch>), Vec<Problem>> {
    let mut reading = Reading::new(name);
    let node = import::yaml_tree(text, &mut reading);
    let pack = node.as_ref().and_then(|node| facts::pack(node, &mut reading));
    match (node, pack) {
        (Some(node), Some(pack)) if reading.problems.is_empty() => Ok((pack, facts::sketches(&node))),
        (_, _) => Err(reading.problems),
    }
}

/// Binds the parameters of a pack. Whether the facts know the values is asked later: [`Bound::unknown`].
pub fn bind(text: &str, spec: &Spec) -> Result<Bound, PackError> {
    let mut reading = Reading::new(&spec.name);
    let node = import::yaml_tree(text, &mut reading);
    bind_tree(node.as_ref(), reading, text, spec)
}

/// The same of a pack inside the program.
fn bind_built_in(spec: &Spec) -> Result<Bound, PackError> {
    let at = spec.place_built_in().ok_or_else(|| PackError::Unknown {
        name: spec.name.clone(),
    })?;
    let text = BUILT_IN[at].1;
    let tree = TREES[at].get_or_init(|| import::yaml_tree(text, &mut Reading::new(&spec.name)));
    bind_tree(tree.as_ref(), Reading::new(&spec.name), text, spec)
}

fn bind_tree(
    node: Option<&Node<'_>>,
    mut reading: Reading,
    text: &str,
    spec: &Spec,
) -> Result<Bound, PackError> {
    let name = &spec.name;
    let invalid = |problems| PackError::Invalid {
        name: name.clone(),
        text: text.to_owned(),
        problems,
    };
    let pack = node.and_then(|node| facts::pack(node, &mut reading));
    let (Some(node), Some(pack)) = (node, pack) else {
        return Err(invalid(reading.problems));
    };
    for (given, values) in &spec.values {
        let Some(parameter) = pack.parameters.iter().find(|known| known.name == *given) else {
            return Err(PackError::UnknownParameter {
                pack: pack.name.to_string(),
                parameter: given.clone(),
                known: pack.parameters.iter().map(|known| known.name.clone()).collect(),
            });
        };
        if parameter.wants == Wants::Processor && values.len() > 1 {
            return Err(PackError::OneOnly {
                pack: pack.name.to_string(),
                parameter: given.clone(),
            });
        }
    }
    let unbound = |name: &String| !spec.values.iter().any(|(known, _)| known == name);
    if let Some(missing) = pack
        .parameters
        .iter()
        .find(|parameter| parameter.must_be_bound() && unbound(&parameter.name))
    {
        return Err(PackError::Unbound {
            pack: pack.name.to_string(),
            parameter: missing.name.clone(),
            wants: missing.wants.as_str(),
            about: missing.about.clone(),
        });
    }
    let PackRules {
        rules,
        left_out,
        names,
    } = facts::pack_rules(node, &pack, &spec.values, reading).map_err(invalid)?;
    Ok(Bound {
        pack,
        values: spec.values.clone(),
        rules,
        left_out,
        names: names
            .into_iter()
            .map(|reference| (reference.section, reference.id.to_string()))
            .collect(),
    })
}

impl Bound {
    /// The parameters that are not bound and stand for everybody.
    pub fn everybody(&self) -> impl Iterator<Item = &Parameter> {
        self.pack.parameters.iter().filter(|parameter| {
            parameter.everybody && !self.values.iter().any(|(known, _)| *known == parameter.name)
        })
    }

    /// The first value of a parameter that the facts do not declare.
    pub fn unknown(&self, declares: impl Fn(Section, &str) -> bool) -> Option<PackError> {
        for parameter in &self.pack.parameters {
            let values = self.values.iter().filter(|(name, _)| *name == parameter.name);
            for value in values.flat_map(|(_, values)| values) {
                if let Some(section) = parameter
                    .wants
                    .section()
                    .filter(|section| !declares(*section, value))
                {
                    return Some(PackError::NotInFacts {
                        pack: self.pack.name.to_string(),
                        parameter: parameter.name.clone(),
                        value: value.clone(),
                        section: section.as_str(),
                    });
                }
            }
        }
        None
    }

    /// The words of the shared vocabulary that its rules use and the facts do not declare, sorted, each once.
    pub fn unused(&self, declares: impl Fn(Section, &str) -> bool) -> Vec<&str> {
        let mut words: Vec<&str> = self
            .names
            .iter()
            .filter(|(section, id)| !declares(*section, id))
            .map(|(_, id)| id.as_str())
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// Packs with their parameters, such as `["pipl", "zhima-credit:self=zhima"]`, of those inside the program.
pub fn built_in(specs: &[String]) -> Result<Vec<Bound>, PackError> {
    all(specs, |_| Ok::<_, PackError>(None))
}

/// Packs with their parameters; `text_of` gives the text of each, and none of what is inside the program.
pub fn all<E: From<PackError>>(
    specs: &[String],
    text_of: impl Fn(&Spec) -> Result<Option<String>, E>,
) -> Result<Vec<Bound>, E> {
    let mut bound: Vec<Bound> = Vec::new();
    for text in specs {
        let spec = Spec::parse(text)?;
        let pack = match text_of(&spec)? {
            Some(text) => bind(&text, &spec),
            None => bind_built_in(&spec),
        }?;
        if bound.iter().any(|other| other.pack.name == pack.pack.name) {
            return Err(PackError::Twice {
                name: pack.pack.name.to_string(),
            }
            .into());
        }
        bound.push(pack);
    }
    Ok(bound)
}
