//! The command line: its global options and its commands.

use clap::{Parser, Subcommand};

use super::{
    command::{
        adopt::AdoptArguments, audit::AuditArguments, backup::BackupArguments, check::CheckArguments,
        completions::CompletionsArguments, crl::CrlArguments, edit::EditArguments, export::ExportArguments,
        import::ImportArguments, init::InitArguments, inspect::InspectArguments, issue::IssueArguments,
        key::KeyArguments, list::ListArguments, man::ManArguments, ocsp::OcspArguments, profile::ProfileArguments,
        quickstart::QuickstartArguments, renew::RenewArguments, restore::RestoreArguments, revoke::RevokeArguments,
        rotate::RotateArguments, share::ShareArguments, show::ShowArguments, sign::SignArguments,
        status::StatusArguments, trust::TrustArguments,
    },
    global::GlobalArguments,
};

/// A private CA for your own network
///
/// One command makes a CA, a certificate for your server, and a profile for the iPad. The CA can vouch for private
/// names and addresses only, so that a device which trusts it trusts your network and nothing else.
#[derive(Debug, Parser)]
#[command(name = "hubca", version, disable_help_subcommand = true, after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: GlobalArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do; each command says in its own file what it does.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub(super) enum Command {
    Quickstart(QuickstartArguments),
    Init(InitArguments),
    Import(ImportArguments),
    Issue(IssueArguments),
    Renew(RenewArguments),
    Edit(EditArguments),
    Sign(SignArguments),
    Revoke(RevokeArguments),
    Crl(CrlArguments),
    List(ListArguments),
    Show(ShowArguments),
    Status(StatusArguments),
    Inspect(InspectArguments),
    Check(CheckArguments),
    Export(ExportArguments),
    Share(ShareArguments),
    Trust(TrustArguments),
    Rotate(RotateArguments),
    Profile(ProfileArguments),
    Ocsp(OcspArguments),
    Key(KeyArguments),
    Audit(AuditArguments),
    Backup(BackupArguments),
    Restore(RestoreArguments),
    Adopt(AdoptArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

const EXAMPLES: &str = "\
Examples:
  hubca quickstart --ip 192.168.0.1    all there is to do, for a first server
  hubca issue --dns nas.lan            one more server
  hubca check fullchain.pem            will iPads, phones and browsers take it?

Exit codes: 0 done or yes, 1 failed, 2 wrong usage, 3 answered with no";
