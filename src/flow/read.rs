//! A text of flow policies: parsed, validated, its annotations read.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr as _;
use std::sync::OnceLock;

use cedar_policy::{Effect, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;

use super::mention::Mentions;
use crate::model::word::{Section, Severity};

/// What policies may speak of.
const SCHEMA: &str = include_str!("../../schema/flow.cedarschema");

/// One policy of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `@id`, printed in findings; a permit without one is called by its position.
    pub id: String,
    /// `@clause`: the clause it stands for, instead of the rule's.
    pub clause: Option<String>,
    /// `@severity`: how bad its findings are, instead of the rule's.
    pub severity: Option<Severity>,
    /// `@advice`: what to do, one sentence.
    pub advice: Option<String>,
}

/// Why a text of policies is refused, or what its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowProblem {
    /// Line in the text, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A text of policies that was read without a problem.
#[derive(Clone, Debug)]
pub struct FlowPolicies {
    pub(super) set: PolicySet,
    pub(super) policies: BTreeMap<PolicyId, Policy>,
    mentions: Mentions,
    names: Vec<(Section, String)>,
}

const ANNOTATIONS: [&str; 4] = ["id", "clause", "severity", "advice"];

impl FlowPolicies {
    /// Reads a text. All problems are collected.
    /// Cost: a few milliseconds for tens of policies; do it once for each text.
    pub fn read(text: &str) -> Result<Self, Vec<FlowProblem>> {
        let set = PolicySet::from_str(text).map_err(|errors| {
            errors
                .iter()
                .map(|error| told(text, error, "write policies as docs/flow-policies.md shows them"))
                .collect::<Vec<_>>()
        })?;
        let mut problems = Vec::new();
        for template in set.templates() {
            problems.push(FlowProblem {
                message: "a template with ?principal or ?resource cannot be used here".to_owned(),
                help: "name the processor or the field, or leave the place open".to_owned(),
                ..place(text, text.find(&template.to_string()).unwrap_or(0))
            });
        }
        let policies = annotations(text, &set, &mut problems);
        if !set.policies().any(|policy| policy.effect() == Effect::Permit) {
            problems.push(FlowProblem {
                line: 1,
                column: 1,
                message: "no policy permits anything, so every act would be forbidden".to_owned(),
                help: "begin with the policy: permit (principal, action, resource);".to_owned(),
            });
        }
        let Some(schema) = schema() else {
            return Err(problems);
        };
        let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        let known = "schema/flow.cedarschema lists what a policy may speak of";
        let mut errors: Vec<FlowProblem> = result
            .validation_errors()
            .map(|error| told(text, error, known))
            .collect();
        errors.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        // The validator says the same of each kind of act.
        errors.dedup_by_key(|problem| (problem.line, problem.column));
        problems.append(&mut errors);
        if !problems.is_empty() {
            problems.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
            return Err(problems);
        }
        let mentions = Mentions::of(&set);
        let names = names(&set);
        Ok(Self {
            set,
            policies,
            mentions,
            names,
        })
    }

    /// What the policies look at.
    pub fn mentions(&self) -> &Mentions {
        &self.mentions
    }

    /// The processors, fields, categories, purposes and subjects that the policies name, sorted, without doubles.
    pub fn names(&self) -> &[(Section, String)] {
        &self.names
    }

    /// The policies, sorted by their name in findings.
    pub fn policies(&self) -> Vec<&Policy> {
        let mut all: Vec<&Policy> = self.policies.values().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

/// The schema; a test reads it, so it is there.
fn schema() -> Option<&'static Schema> {
    static READ: OnceLock<Option<Schema>> = OnceLock::new();
    READ.get_or_init(|| {
        Schema::from_cedarschema_str(SCHEMA)
            .ok()
            .map(|(schema, _)| schema)
    })
    .as_ref()
}

fn annotations(text: &str, set: &PolicySet, problems: &mut Vec<FlowProblem>) -> BTreeMap<PolicyId, Policy> {
    let mut named: BTreeSet<String> = BTreeSet::new();
    // Equal policies are found one after the other.
    let mut after = 0;
    let mut all = BTreeMap::new();
    let mut policies: Vec<_> = set.policies().collect();
    policies.sort_by_key(|policy| position(policy.id()));
    for policy in policies {
        let written = policy.to_string();
        let begins = text[after..].find(&written).map_or(after, |found| after + found);
        after = (begins + written.len()).min(text.len());
        let place = place(text, begins);
        let mut problem = |message: String, help: &str| {
            problems.push(FlowProblem {
                message,
                help: help.to_owned(),
                ..place.clone()
            });
        };
        let id = match policy.annotation("id") {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ if policy.effect() == Effect::Forbid => {
                problem(
                    "a forbid policy has no name".to_owned(),
                    "write @id(\"…\") before it: findings are called by it",
                );
                continue;
            }
            _ => format!("permit-{}", position(policy.id()) + 1),
        };
        if !named.insert(id.clone()) {
            problem(format!("two policies are called `{id}`"), "give each its own @id");
        }
        let severity = match policy.annotation("severity") {
            None => None,
            Some(word) => {
                let severity = Severity::parse(word);
                if severity.is_none() {
                    problem(
                        format!("`{word}` is no severity"),
                        &format!("use one of {}", Severity::WORDS.join(", ")),
                    );
                }
                severity
            }
        };
        for (key, _) in policy.annotations() {
            if !ANNOTATIONS.contains(&key) {
                problem(
                    format!("the annotation @{key} means nothing here"),
                    "use @id, @clause, @severity and @advice",
                );
            }
        }
        let text_of = |key: &str| {
            policy
                .annotation(key)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let read = Policy {
            id,
            clause: text_of("clause"),
            severity,
            advice: text_of("advice"),
        };
        all.insert(policy.id().clone(), read);
    }
    all
}

/// The parser calls policies policy0, policy1, … in the order of the text.
fn position(id: &PolicyId) -> usize {
    let text: &str = id.as_ref();
    text.strip_prefix("policy")
        .and_then(|number| number.parse().ok())
        .unwrap_or(usize::MAX - 1)
}

fn names(set: &PolicySet) -> Vec<(Section, String)> {
    let mut names: Vec<(Section, String)> = set
        .policies()
        .flat_map(cedar_policy::Policy::entity_literals)
        .filter_map(|uid| {
            let section = match uid.type_name().basename() {
                "Processor" => Section::Processors,
                "Field" => Section::Fields,
                "Category" => Section::Categories,
                "Purpose" => Section::Purposes,
                "Subject" => Section::Subjects,
                _ => return None,
            };
            let id: &str = uid.id().as_ref();
            Some((section, id.to_owned()))
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What a diagnostic says, where it points.
fn told(text: &str, error: &dyn Diagnostic, help: &str) -> FlowProblem {
    let offset = error
        .labels()
        .and_then(|mut labels| labels.next())
        .map_or(0, |label| label.offset());
    FlowProblem {
        message: unnumbered(error.to_string()),
        help: error
            .help()
            .map_or_else(|| help.to_owned(), |help| unnumbered(help.to_string())),
        ..place(text, offset)
    }
}

/// What is said, without the number of the policy: the place says which it is, and the number means nothing to people.
fn unnumbered(said: String) -> String {
    match said
        .strip_prefix("for policy `")
        .and_then(|rest| rest.split_once("`, "))
    {
        Some((_, said)) => said.to_owned(),
        None => said,
    }
}

fn place(text: &str, offset: usize) -> FlowProblem {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    FlowProblem {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message: String::new(),
        help: String::new(),
    }
}
