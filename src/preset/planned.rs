//! A preset as a plan.

use super::{
    installation::{Installation, Spot},
    offered::Preset,
    place::NoPlace,
};
use crate::{
    plan::{MARK, Plan, Step, sealed},
    system::FileMode,
};

impl Preset {
    /// The plan that puts it in its place. `call` is the command line by which that is asked for: it stands in a file that is the label's
    /// own.
    ///
    /// # Errors
    /// It is for a person to do.
    pub fn plan(&self, label: &str, call: &str) -> Result<Plan, NoPlace> {
        let by_hand = |why| NoPlace::ByHand { target: self.target, why };
        let setting = match &self.installation {
            Installation::ByHand(why) => return Err(by_hand(why)),
            Installation::Here(setting) => setting,
        };
        let text = self.documents.first().map(|document| document.text.as_str()).unwrap_or_default();
        let written = match &setting.spot {
            // Its first line says whose it is, so that it may be written anew.
            Spot::File(path) => {
                let text = sealed(format!("# {MARK}: {call}\n{text}"));
                Step::write(format!("write the configuration of {}", self.target), path, text, FileMode::Public)
            }
            Spot::Lines(path) => {
                let sentence = format!("add {} to its configuration", self.target);
                let block = Step::write_block(sentence, path, self.target.block_of(label), text);
                // It is set up in one way or the other, and would go on to read both.
                let other = self.target.other_way().map(|other| other.block_of(label));
                other.into_iter().fold(block, Step::instead_of)
            }
        };
        Ok(Plan::new(setting.before.iter().cloned().chain([written]).chain(setting.after.iter().cloned())))
    }
}
