//! Rule packs: rules that name facts only through parameters and the shared vocabulary.

use std::sync::Arc;

use super::entry::{Entry, Reading};
use super::node::{Mark, Node, Value};
use super::reference::Reference;
use crate::model::fact::{Fact, Stated};
use crate::model::pack::{Clause, Pack, Parameter, Sketch, Wants, fits};
use crate::model::place::{Problem, ProblemCode};
use crate::model::rule::{About, Rule};
use crate::model::word::Section;

/// The values of a parameter, by its name.
pub type Bound<'b> = &'b [(String, Vec<String>)];

/// Reads what a pack says about itself. `None` when a problem kept it from being read.
pub fn pack(node: &Node<'_>, reading: &mut Reading) -> Option<Pack> {
    let mut entry = Entry::open(node, "a rule pack", reading)?;
    let name = entry.text_required("pack", "the name of the pack");
    let title = entry.text_required("title", "what it is, for people");
    let source = entry.text_required("source", "which published text it stands for");
    let link = super::rules::link(&mut entry);
    let voluntary = entry.flag("voluntary");
    let parameters = parameters(&mut entry);
    let clauses = clauses(&mut entry);
    entry.demand("rules", "a list of rules");
    entry.info(&["rules"]);
    entry.close();
    Some(Pack {
        name: name?.into(),
        title: title?.to_owned(),
        source: source?.to_owned(),
        link,
        voluntary,
        parameters,
        clauses,
    })
}

fn parameters(entry: &mut Entry<'_, '_, '_>) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for node in entry.maps("parameters") {
        let Some(mut inner) = Entry::open(node, "a parameter", entry.reading()) else {
            continue;
        };
        let name = inner.text_required("name", "the name it is bound by");
        let wants = inner.word_required("wants", Wants::parse, Wants::WORDS);
        let about = inner.text_required("about", "what it stands for, for people");
        let optional = inner.flag("optional");
        let everybody = inner.flag("everybody");
        inner.close();
        if let (Some(name), Some(wants), Some(about)) = (name, wants, about) {
            parameters.push(Parameter {
                name: name.to_owned(),
                wants,
                about: about.to_owned(),
                optional,
                everybody,
            });
        }
    }
    parameters
}

fn clauses(entry: &mut Entry<'_, '_, '_>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for node in entry.maps("clauses") {
        let Some(mut inner) = Entry::open(node, "a clause", entry.reading()) else {
            continue;
        };
        let id = inner.text_required("id", "how the clause is cited");
        let text = inner.text_required("text", "what it asks, in one sentence");
        let link = super::rules::link(&mut inner);
        inner.close();
        clauses.extend(id.zip(text).map(|(id, text)| Clause {
            id: id.to_owned(),
            text: text.to_owned(),
            link,
        }));
    }
    clauses
}

/// The rules of a pack as written.
pub fn sketches(node: &Node<'_>) -> Vec<Sketch> {
    let text = |node: &Node<'_>, key: &str| node.get(key).map_or_else(String::new, text_of);
    let Some(Value::List(items)) = node.get("rules").map(|node| &node.value) else {
        return Vec::new();
    };
    items
        .iter()
        .map(|item| {
            let law = match item.get("law").map(|node| &node.value) {
                Some(Value::List(nodes)) => nodes.iter().map(text_of).collect(),
                Some(Value::Text(text)) => vec![text.to_string()],
                Some(Value::Null | Value::Map(_)) | None => Vec::new(),
            };
            let mut names = Vec::new();
            parameters_of(item, &mut names);
            let mut needs: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
            needs.sort_unstable();
            needs.dedup();
            Sketch {
                id: text(item, "id"),
                check: text(item, "check"),
                clause: text(item, "clause"),
                severity: text(item, "severity"),
                law,
                advice: text(item, "advice"),
                needs,
            }
        })
        .collect()
}

/// The rules of a pack with its parameters bound.
#[derive(Debug)]
pub struct Rules {
    /// The rules, in the order of the pack; their ids begin with its name.
    pub rules: Vec<Stated>,
    /// Rules that are left out, because a parameter is not bound: rule and parameter.
    pub left_out: Vec<(String, String)>,
    /// What the rules name; the facts may declare it or not.
    pub names: Vec<Reference>,
}

/// Reads the rules of a pack. A text `$name` stands for the values of a parameter.
pub fn rules(
    node: &Node<'_>,
    pack: &Pack,
    bound: Bound<'_>,
    mut reading: Reading,
) -> Result<Rules, Vec<Problem>> {
    let empty = Vec::new();
    let items = match node.get("rules").map(|node| &node.value) {
        Some(Value::List(items)) => items,
        Some(Value::Null | Value::Text(_) | Value::Map(_)) | None => &empty,
    };
    let mut rules = Vec::new();
    let mut left_out = Vec::new();
    for item in items {
        let id = item.get("id").map_or_else(String::new, text_of);
        let mut names = Vec::new();
        parameters_of(item, &mut names);
        for (name, mark) in &names {
            if !pack.parameters.iter().any(|known| known.name == *name) {
                reading.problem(
                    ProblemCode::UnknownReference,
                    *mark,
                    format!("the pack has no parameter `{name}`"),
                    "declare it in `parameters` or correct the spelling",
                );
            }
        }
        let missing: Vec<&String> = names
            .iter()
            .map(|(name, _)| name)
            .filter(|name| {
                !bound
                    .iter()
                    .any(|(known, values)| known == *name && !values.is_empty())
            })
            .collect();
        let item = match missing.first() {
            None => bind(item, bound),
            Some(first) => {
                let Some(item) = for_everybody(item, pack, &missing, &mut reading) else {
                    left_out.push((id, (*first).clone()));
                    continue;
                };
                bind(&item, bound)
            }
        };
        let item = named(item, &pack.name);
        if let Some(stated) = super::item(Section::Rules, &item, &[], &mut reading) {
            rules.extend(of_pack(stated, pack));
        }
    }
    if !reading.problems.is_empty() {
        return Err(reading.problems);
    }
    Ok(Rules {
        rules,
        left_out,
        names: std::mem::take(&mut reading.references).into_open(),
    })
}

/// The rule without what is not bound, when that may stand for everybody and the check can do without names.
fn for_everybody<'t>(
    item: &Node<'t>,
    pack: &Pack,
    missing: &[&String],
    reading: &mut Reading,
) -> Option<Node<'t>> {
    let stands = |name: &&String| {
        let mut all = pack.parameters.iter();
        all.any(|parameter| parameter.everybody && parameter.name == **name)
    };
    if !missing.iter().all(stands) {
        return None;
    }
    let problems = |item: &Node<'_>| {
        let mut trial = reading.anew();
        let _: Option<Stated> = super::item(Section::Rules, item, &[], &mut trial);
        trial.problems
    };
    // What is wrong with it even where it is bound is told, however it is used.
    let anybody: Vec<(String, Vec<String>)> = pack
        .parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), vec![parameter.name.clone()]))
        .collect();
    let wrong = problems(&bind(item, &anybody));
    let unbound = without(item, missing).filter(|item| problems(item).is_empty());
    reading.problems.extend(wrong);
    unbound
}

/// The tree without these parameters, nor the lists and maps that held nothing else.
fn without<'t>(node: &Node<'t>, parameters: &[&String]) -> Option<Node<'t>> {
    let value = match &node.value {
        Value::Text(text) => {
            let name = text.strip_prefix('$');
            if name.is_some_and(|name| parameters.iter().any(|known| *known == name)) {
                return None;
            }
            node.value.clone()
        }
        Value::Null => Value::Null,
        Value::List(nodes) => {
            let kept: Vec<Node<'t>> = nodes
                .iter()
                .filter_map(|inner| without(inner, parameters))
                .collect();
            if kept.is_empty() && !nodes.is_empty() {
                return None;
            }
            Value::List(kept)
        }
        Value::Map(entries) => {
            let kept: Vec<_> = entries
                .iter()
                .filter_map(|(key, inner)| Some((key.clone(), without(inner, parameters)?)))
                .collect();
            if kept.is_empty() && !entries.is_empty() {
                return None;
            }
            Value::Map(kept)
        }
    };
    Some(Node {
        value,
        mark: node.mark,
    })
}

fn of_pack(stated: Stated, pack: &Pack) -> Option<Stated> {
    let Fact::Rule(rule) = stated.fact else {
        return None;
    };
    let mut cited = pack
        .clauses
        .iter()
        .filter(|clause| fits(&rule.clause, &clause.id));
    let asks: Vec<&str> = cited.clone().map(|clause| clause.text.as_str()).collect();
    let of_clause = cited.find_map(|clause| clause.link.clone());
    let about = About {
        asks: (!asks.is_empty()).then(|| asks.join(" ")),
        link: rule
            .about
            .link
            .clone()
            .or(of_clause)
            .or_else(|| pack.link.clone()),
        pack: Some(Arc::clone(&pack.name)),
        voluntary: pack.voluntary || rule.about.voluntary,
        ..(*rule.about).clone()
    };
    Some(Stated {
        fact: Fact::Rule(Rule {
            about: Arc::new(about),
            ..rule
        }),
        ..stated
    })
}

fn text_of(node: &Node<'_>) -> String {
    match &node.value {
        Value::Text(text) => text.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// The parameters that a tree names.
fn parameters_of(node: &Node<'_>, names: &mut Vec<(String, Mark)>) {
    match &node.value {
        Value::Null => {}
        Value::Text(text) => {
            if let Some(name) = text.strip_prefix('$') {
                names.push((name.to_owned(), node.mark));
            }
        }
        Value::List(nodes) => nodes.iter().for_each(|inner| parameters_of(inner, names)),
        Value::Map(entries) => entries.iter().for_each(|(_, inner)| parameters_of(inner, names)),
    }
}

/// The tree with values for parameters: inside a list they join it, elsewhere several values become a list.
fn bind<'t>(node: &Node<'t>, bound: Bound<'_>) -> Node<'t> {
    let text = |text: &str| Node {
        value: Value::Text(text.to_owned().into()),
        mark: node.mark,
    };
    let values = |node: &Node<'_>| {
        let Value::Text(text) = &node.value else {
            return None;
        };
        let name = text.strip_prefix('$')?;
        bound
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, values)| values.clone())
    };
    let value = match &node.value {
        Value::Null | Value::Text(_) => match values(node).as_deref() {
            None => node.value.clone(),
            Some([only]) => return text(only),
            Some(many) => Value::List(many.iter().map(|value| text(value)).collect()),
        },
        Value::List(nodes) => Value::List(
            nodes
                .iter()
                .flat_map(|inner| match values(inner) {
                    Some(values) => values.iter().map(|value| text(value)).collect(),
                    None => vec![bind(inner, bound)],
                })
                .collect(),
        ),
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, inner)| (key.clone(), bind(inner, bound)))
                .collect(),
        ),
    };
    Node {
        value,
        mark: node.mark,
    }
}

/// The rule with the name of its pack before its id, so that no two packs have a rule of one name.
fn named<'t>(mut node: Node<'t>, pack: &str) -> Node<'t> {
    if let Value::Map(entries) = &mut node.value {
        for (key, inner) in entries {
            if let ("id", Value::Text(text)) = (&*key.text, &mut inner.value) {
                *text = format!("{pack}/{text}").into();
            }
        }
    }
    node
}
