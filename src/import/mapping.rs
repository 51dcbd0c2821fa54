//! The mapping file: whose namespace it is, where that is, what kind of data, and what for.
//!
//! Pipelines know datasets and jobs by technical names; who holds them and why is known to people. The file says it
//! by patterns; of several rules the first that fits counts, for each thing that it says. Its format is described in
//! `docs/mapping.md` and `schema/mapping.schema.json`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::{self, Item};
use super::pattern::Pattern;
use super::{Document, yaml};
use crate::facts::node::{Node, Value};
use crate::facts::{Entry, Reading};
use crate::model::alike::nearest;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::word::{Section, State};

/// A mapping.
#[derive(Debug, Default)]
pub struct Mapping {
    /// The header of a fact set that is made from events alone.
    pub header: Option<Node<'static>>,
    /// Facts that it states besides: processors, categories, purposes and whatever else.
    pub items: Vec<Item>,
    datasets: Vec<DatasetRule>,
    jobs: Vec<JobRule>,
    tags: Vec<TagRule>,
    purposes: Vec<PurposeWord>,
    /// The offset that stands for instants without one.
    pub offset: Option<String>,
    /// Whether a legal basis that a producer names permits what its job does; otherwise it is only recorded.
    pub basis_authorizes: bool,
    /// When runs read of which no rule for jobs says it.
    times: Times,
    /// The file that it was read from; nothing for a mapping that says nothing.
    pub source: Option<Source>,
}

/// When a run reads; what it writes is there when it completes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// Between START and COMPLETE where something happens meanwhile to what it reads, and otherwise at COMPLETE, which is
    /// the same.
    #[default]
    Overlaps,
    /// At COMPLETE.
    Completed,
    /// Between START and COMPLETE.
    Bounds,
}

/// A mapping file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, as in places.
    pub name: String,
    /// Its text.
    pub text: String,
}

#[derive(Debug)]
struct DatasetRule {
    place: Place,
    namespace: Pattern,
    name: Pattern,
    processor: Option<Arc<str>>,
    alias: Option<Box<str>>,
    categories: Vec<Arc<str>>,
    fields: Vec<FieldRule>,
}

#[derive(Debug)]
struct FieldRule {
    name: Pattern,
    categories: Vec<Arc<str>>,
    state: Option<State>,
}

#[derive(Debug)]
struct JobRule {
    place: Place,
    namespace: Pattern,
    name: Pattern,
    processor: Option<Arc<str>>,
    purpose: Option<Arc<str>>,
    times: Option<Times>,
}

#[derive(Debug)]
struct PurposeWord {
    place: Place,
    theirs: Pattern,
    ours: Arc<str>,
}

#[derive(Debug)]
struct TagRule {
    place: Place,
    key: Pattern,
    value: Pattern,
    categories: Vec<Arc<str>>,
}

impl Mapping {
    /// Reads a mapping file, YAML or JSON. All problems come out together, each with its place; warnings come with
    /// the mapping.
    pub fn read(text: &str, name: &str) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let mut reading = Reading::new(name);
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mapping = yaml::node(text, &mut reading).and_then(|node| whole(&node, &mut reading));
        let is_refused = reading.problems.iter().any(|problem| !problem.is_warning());
        match mapping {
            Some(mapping) if !is_refused => {
                let source = Some(Source {
                    name: name.to_owned(),
                    text: text.to_owned(),
                });
                Ok((Self { source, ..mapping }, reading.problems))
            }
            _ => Err(reading.problems),
        }
    }

    /// The processor that holds this dataset.
    pub fn holder(&self, namespace: &str, name: &str) -> Option<&Arc<str>> {
        self.datasets
            .iter()
            .filter(|rule| rule.fits(namespace, name))
            .find_map(|rule| rule.processor.as_ref())
    }

    /// Where it says whose this dataset or job is: the first rule that fits.
    pub fn place(&self, namespace: &str, name: &str, is_job: bool) -> Option<&Place> {
        if is_job {
            let mut rules = self.jobs.iter();
            return rules
                .find(|rule| rule.fits(namespace, name))
                .map(|rule| &rule.place);
        }
        let fitting = || self.datasets.iter().filter(|rule| rule.fits(namespace, name));
        let rule = fitting()
            .find(|rule| rule.processor.is_some())
            .or_else(|| fitting().next());
        rule.map(|rule| &rule.place)
    }

    /// The short name of this dataset.
    pub fn alias(&self, namespace: &str, name: &str) -> Option<String> {
        let rule = self
            .datasets
            .iter()
            .find(|rule| rule.alias.is_some() && rule.fits(namespace, name))?;
        let mut alias = rule
            .alias
            .as_deref()?
            .replace("{namespace}", namespace)
            .replace("{name}", name);
        for (number, part) in rule.name.captures(name)?.iter().enumerate() {
            alias = alias.replace(&format!("{{{}}}", number + 1), part);
        }
        Some(alias)
    }

    /// The categories of a column, by its name.
    pub fn categories(&self, namespace: &str, name: &str, column: &str) -> Vec<Arc<str>> {
        for rule in self.datasets.iter().filter(|rule| rule.fits(namespace, name)) {
            let of_field = rule
                .fields
                .iter()
                .find(|field| !field.categories.is_empty() && field.name.fits(column));
            if let Some(field) = of_field {
                return field.categories.clone();
            }
            if !rule.categories.is_empty() {
                return rule.categories.clone();
            }
        }
        Vec::new()
    }

    /// The state of a column, when the file says.
    pub fn state(&self, namespace: &str, name: &str, column: &str) -> Option<State> {
        self.datasets
            .iter()
            .filter(|rule| rule.fits(namespace, name))
            .flat_map(|rule| &rule.fields)
            .filter(|field| field.name.fits(column))
            .find_map(|field| field.state)
    }

    /// The categories that a tag stands for.
    pub fn tag(&self, key: &str, value: &str) -> &[Arc<str>] {
        self.tags
            .iter()
            .find(|rule| rule.key.fits(key) && rule.value.fits(value))
            .map_or(&[], |rule| &rule.categories)
    }

    /// The processor that runs this job.
    pub fn runner(&self, namespace: &str, name: &str) -> Option<&Arc<str>> {
        self.jobs
            .iter()
            .filter(|rule| rule.fits(namespace, name))
            .find_map(|rule| rule.processor.as_ref())
    }

    /// What this job is for.
    pub fn purpose(&self, namespace: &str, name: &str) -> Option<&Arc<str>> {
        self.jobs
            .iter()
            .filter(|rule| rule.fits(namespace, name))
            .find_map(|rule| rule.purpose.as_ref())
    }

    /// When runs of this job read.
    pub fn times(&self, namespace: &str, name: &str) -> Times {
        let mut fitting = self.jobs.iter().filter(|rule| rule.fits(namespace, name));
        fitting.find_map(|rule| rule.times).unwrap_or(self.times)
    }

    /// What rules name and the file does not declare, each once, with the first rule that names it: a store may know it.
    pub fn undeclared(&self) -> Vec<(Section, &str, &Place)> {
        let of_datasets = self.datasets.iter().flat_map(|rule| {
            let of_fields = rule.fields.iter().flat_map(|field| &field.categories);
            let categories = rule.categories.iter().chain(of_fields);
            let processor = rule.processor.iter().map(|id| (Section::Processors, id));
            let named = processor.chain(categories.map(|id| (Section::Categories, id)));
            named.map(|(section, id)| (section, id, &rule.place))
        });
        let of_jobs = self.jobs.iter().flat_map(|rule| {
            let processor = rule.processor.iter().map(|id| (Section::Processors, id));
            let named = processor.chain(rule.purpose.iter().map(|id| (Section::Purposes, id)));
            named.map(|(section, id)| (section, id, &rule.place))
        });
        let of_tags = self.tags.iter().flat_map(|rule| {
            let categories = rule.categories.iter();
            categories.map(|id| (Section::Categories, id, &rule.place))
        });
        let words = self.purposes.iter();
        let of_words = words.map(|word| (Section::Purposes, &word.ours, &word.place));
        let mut named: BTreeMap<(Section, &str), &Place> = BTreeMap::new();
        for (section, id, place) in of_datasets.chain(of_jobs).chain(of_tags).chain(of_words) {
            named.entry((section, &**id)).or_insert(place);
        }
        let named = named.into_iter();
        let open = named.filter(|((section, id), _)| !self.states(*section, id));
        open.map(|((section, id), place)| (section, id, place)).collect()
    }

    /// The problem of a name that is declared nowhere.
    pub fn unknown(&self, section: Section, id: &str, place: &Place) -> Problem {
        let declared = self.items.iter().filter(|item| item.section == section);
        let ids = declared.filter_map(|item| match &item.node.get("id")?.value {
            Value::Text(text) => Some(&**text),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        });
        let meant = nearest(id, ids).map_or_else(String::new, |id| format!("did you mean `{id}`? "));
        Problem {
            code: ProblemCode::UnknownReference,
            place: place.clone(),
            message: format!("this rule names `{id}`, and nothing in `{section}` is called so"),
            help: format!(
                "{meant}Declare it in `{section}` of the mapping, import it before, or correct the spelling"
            ),
        }
    }

    /// Our word for a purpose that a producer names.
    pub fn word(&self, purpose: &Arc<str>) -> Arc<str> {
        self.purposes
            .iter()
            .find(|word| word.theirs.fits(purpose))
            .map_or_else(|| Arc::clone(purpose), |word| Arc::clone(&word.ours))
    }

    /// Whether it states an item of this identifier.
    pub fn states(&self, section: Section, id: &str) -> bool {
        self.items.iter().any(|item| {
            item.section == section
                && matches!(item.node.get("id").map(|node| &node.value), Some(Value::Text(text)) if text == id)
        })
    }

    /// The facts that it states besides, read alone: what they name may be known to a store.
    pub fn facts(&self, header: &Node<'_>, name: &str) -> Result<Document, Vec<Problem>> {
        draft::document(header, &self.items, Reading::new(name), false)
    }
}

impl DatasetRule {
    fn fits(&self, namespace: &str, name: &str) -> bool {
        self.namespace.fits(namespace) && self.name.fits(name)
    }
}

impl JobRule {
    fn fits(&self, namespace: &str, name: &str) -> bool {
        self.namespace.fits(namespace) && self.name.fits(name)
    }
}

fn whole(node: &Node<'_>, reading: &mut Reading) -> Option<Mapping> {
    let mut mapping = Mapping::default();
    let mut entry = Entry::open(node, "a mapping", reading)?;
    if entry.text_required("mapping", "the version of its format, 1") != Some("1") {
        let mark = entry.node("mapping").map_or(entry.mark(), |node| node.mark);
        entry.reading().problem(
            ProblemCode::BadWord,
            mark,
            "this version of the format is not known".to_owned(),
            "write mapping: 1",
        );
    }
    mapping.header = entry.node("header").map(draft::owned);
    mapping.offset = entry.text("offset").map(str::to_owned);
    mapping.basis_authorizes = entry.word("legal_basis", basis, BASIS).unwrap_or(false);
    mapping.times = entry.word("times", times, TIMES).unwrap_or_default();
    for at in entry.maps("datasets") {
        mapping.datasets.extend(dataset(at, entry.reading()));
    }
    for at in entry.maps("jobs") {
        mapping.jobs.extend(job(at, entry.reading()));
    }
    for at in entry.maps("tags") {
        mapping.tags.extend(tag(at, entry.reading()));
    }
    for at in entry.maps("purpose_words") {
        mapping.purposes.extend(purpose(at, entry.reading()));
    }
    for section in Section::ALL {
        for at in entry.maps(section.as_str()) {
            let place = entry.reading().place(at.mark);
            mapping.items.push(Item {
                section: *section,
                node: draft::owned(at),
                place,
            });
        }
    }
    entry.close();
    Some(mapping)
}

const BASIS: &[&str] = &["recorded", "authorizes"];

fn basis(text: &str) -> Option<bool> {
    match text {
        "recorded" => Some(false),
        "authorizes" => Some(true),
        _ => None,
    }
}

const TIMES: &[&str] = &["overlaps", "completed", "bounds"];

fn times(text: &str) -> Option<Times> {
    match text {
        "overlaps" => Some(Times::Overlaps),
        "completed" => Some(Times::Completed),
        "bounds" => Some(Times::Bounds),
        _ => None,
    }
}

/// The two patterns of a rule; a missing one fits everything, but one must be there.
fn patterns(entry: &mut Entry<'_, '_, '_>, keys: (&str, &str)) -> Option<(Pattern, Pattern)> {
    let Some(node) = entry.node("match") else {
        entry.missing(
            "match",
            "add it: match: {namespace: \"…\", name: \"…\"}, where * stands for any text",
        );
        return None;
    };
    let mut inner = Entry::open(node, "what a rule fits", entry.reading())?;
    let first = inner.text(keys.0);
    let second = inner.text(keys.1);
    if first.is_none() && second.is_none() {
        inner.missing(keys.0, "say what it fits; * fits everything");
    }
    inner.close();
    let pattern = |text: Option<&str>| Pattern::new(text.unwrap_or("*"));
    Some((pattern(first), pattern(second)))
}

fn shared(text: Option<&str>) -> Option<Arc<str>> {
    text.map(Arc::from)
}

fn list(entry: &mut Entry<'_, '_, '_>, key: &str) -> Vec<Arc<str>> {
    entry
        .texts(key, true)
        .into_iter()
        .map(|(text, _)| text.into())
        .collect()
}

fn dataset(node: &Node<'_>, reading: &mut Reading) -> Option<DatasetRule> {
    let mut entry = Entry::open(node, "a rule for datasets", reading)?;
    let fits = patterns(&mut entry, ("namespace", "name"));
    let processor = shared(entry.text("processor"));
    let alias: Option<Box<str>> = entry.text("as").map(Box::from);
    if let (Some(alias), Some((_, name))) = (&alias, &fits) {
        holes(alias, name.stars(), &mut entry);
    }
    let categories = list(&mut entry, "category");
    let mut fields = Vec::new();
    for at in entry.maps("fields") {
        let Some(mut inner) = Entry::open(at, "a rule for fields", entry.reading()) else {
            continue;
        };
        let name = inner.text_required("match", "a pattern for names of columns");
        let field = FieldRule {
            name: Pattern::new(name.unwrap_or_default()),
            categories: list(&mut inner, "category"),
            state: inner.word("state", State::parse, State::WORDS),
        };
        inner.close();
        fields.push(field);
    }
    entry.close();
    let (namespace, name) = fits?;
    Some(DatasetRule {
        place: reading.place(node.mark),
        namespace,
        name,
        processor,
        alias,
        categories,
        fields,
    })
}

/// Notes what stands in braces in a short name and is filled with nothing.
fn holes(alias: &str, stars: usize, entry: &mut Entry<'_, '_, '_>) {
    for part in alias.split('{').skip(1) {
        let Some((inside, _)) = part.split_once('}') else {
            continue;
        };
        let is_star = |inside: &str| {
            let number = inside.parse::<usize>();
            number.is_ok_and(|number| (1..=stars).contains(&number))
        };
        if matches!(inside, "namespace" | "name") || is_star(inside) {
            continue;
        }
        let mark = entry.node("as").map_or(entry.mark(), |node| node.mark);
        let filled = match stars {
            0 => "{namespace} or {name}; the pattern of `name` has no star".to_owned(),
            1 => "{namespace}, {name}, or {1} for what the star of `name` stands for".to_owned(),
            _ => format!(
                "{{namespace}}, {{name}}, or {{1}} to {{{stars}}} for what the stars of `name` stand for"
            ),
        };
        entry.reading().problem(
            ProblemCode::BadWord,
            mark,
            format!("`{{{inside}}}` stands for nothing"),
            format!("write {filled}"),
        );
    }
}

fn job(node: &Node<'_>, reading: &mut Reading) -> Option<JobRule> {
    let mut entry = Entry::open(node, "a rule for jobs", reading)?;
    let fits = patterns(&mut entry, ("namespace", "name"));
    let processor = shared(entry.text("processor"));
    let purpose = shared(entry.text("purpose"));
    let times = entry.word("times", times, TIMES);
    entry.close();
    let (namespace, name) = fits?;
    Some(JobRule {
        place: reading.place(node.mark),
        namespace,
        name,
        processor,
        purpose,
        times,
    })
}

fn tag(node: &Node<'_>, reading: &mut Reading) -> Option<TagRule> {
    let mut entry = Entry::open(node, "a rule for tags", reading)?;
    let fits = patterns(&mut entry, ("key", "value"));
    let categories = list(&mut entry, "category");
    entry.demand("category", "the categories that the tag stands for");
    entry.close();
    let (key, value) = fits?;
    Some(TagRule {
        place: reading.place(node.mark),
        key,
        value,
        categories,
    })
}

fn purpose(node: &Node<'_>, reading: &mut Reading) -> Option<PurposeWord> {
    let mut entry = Entry::open(node, "a word for a purpose", reading)?;
    let theirs = entry.text_required("match", "a pattern for the producer's word");
    let ours = entry.text_required("purpose", "an identifier of `purposes`");
    entry.close();
    Some(PurposeWord {
        theirs: Pattern::new(theirs?),
        ours: ours?.into(),
        place: reading.place(node.mark),
    })
}
