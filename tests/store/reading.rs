//! All answers of a store in one value, to compare stores with.

use wherefore::model::id::{ProcessorId, SubjectId};
use wherefore::model::word::Section;
use wherefore::store::{CommitInfo, Number, Record, StoreError, View};

/// Everything that a view says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    pub sequence: u64,
    pub head: [u8; 32],
    pub header: Option<String>,
    pub catalogue: Vec<Record>,
    pub families: Vec<Vec<Record>>,
    pub facts: Vec<Record>,
    pub knows: Vec<bool>,
    pub named: Vec<Option<Record>>,
    pub sends: Vec<bool>,
    pub commits: Vec<CommitInfo>,
}

impl Answers {
    /// Every record in them.
    pub fn records(&mut self) -> impl Iterator<Item = &mut Record> {
        self.catalogue
            .iter_mut()
            .chain(self.families.iter_mut().flatten())
            .chain(&mut self.facts)
            .chain(self.named.iter_mut().flatten())
    }
}

/// Asks everything: the families of all subjects in the facts, and of one that is not there.
pub fn ask(view: &View) -> Result<Answers, StoreError> {
    let facts = walk(view, 7)?;
    let mut subjects: Vec<SubjectId> = facts.iter().flat_map(|fact| fact.subjects.clone()).collect();
    subjects.extend(["ann", "bob", "eve", "nobody"].map(SubjectId::from));
    subjects.sort();
    subjects.dedup();
    let mut families = Vec::new();
    for id in &subjects {
        families.push(view.family(id)?);
    }
    let mut names: Vec<(Section, String)> = facts
        .iter()
        .filter_map(|fact| Some((fact.section, fact.id.as_deref()?.to_owned())))
        .collect();
    names.push((Section::Events, "not-there".to_owned()));
    let mut knows = Vec::new();
    let mut records = Vec::new();
    for (section, id) in &names {
        knows.extend(view.knows(*section, &[id])?);
        records.push(view.record(*section, id)?);
    }
    let parties = ["shop", "bank", "web", "party-0", "party-6", "nobody"].map(ProcessorId::from);
    Ok(Answers {
        sequence: view.sequence(),
        head: *view.head(),
        header: view.header().map(str::to_owned),
        catalogue: view.catalogue()?,
        families,
        facts,
        knows,
        named: records,
        sends: view.sends(&parties)?,
        commits: view.commits(1, usize::MAX)?,
    })
}

/// All facts, `step` at a time.
pub fn walk(view: &View, step: usize) -> Result<Vec<Record>, StoreError> {
    let mut all = Vec::new();
    let mut from: Option<Number> = None;
    loop {
        let walk = view.facts_from(from, step)?;
        all.extend(walk.records);
        match walk.next {
            Some(next) => from = Some(next),
            None => return Ok(all),
        }
    }
}
