//! `hubca export`: files to hand out.

mod language;
mod mail;
pub mod output;
mod p12;
mod placing;
mod plain;
mod preset;
mod preset_install;
mod preset_remove;
mod profile;
mod report;
mod zip;

pub use output::anchor;
pub use report::ExportReport;

use clap::{Args, Subcommand};

use crate::{
    cli::{context::Context, failure::Failure, report::Outcome},
    export::Target,
};
use mail::MailArguments;
use p12::P12Arguments;
use plain::{PlainArguments, WithIssuingArguments};
use preset::PresetArguments;
use profile::ProfileArguments;
use zip::ZipArguments;

/// Write the file that a device or a program needs to trust this CA
///
/// `ios` is a profile for iPhones, iPads and Macs; the others are certificates as each device or program takes them.
/// A private key is in none of them unless it is asked for, and without one each is the same whenever it is written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExportArguments {
    #[command(subcommand)]
    target: ExportTarget,
}

/// For whom.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "TARGET", subcommand_help_heading = "Targets")]
enum ExportTarget {
    /// A configuration profile for iPhones and iPads, and for Macs as well
    ///
    /// Whoever installs it anew replaces the one before. It is the same whenever it is written, unless it has a key in
    /// it or is signed. A device says `Not Signed` of it, which hinders nothing; a signature takes a certificate that a
    /// public CA issued.
    #[command(after_help = profile::IOS_EXAMPLES)]
    Ios(ProfileArguments),
    /// A configuration profile for Macs alone
    ///
    /// It puts the root into the keychain of all who use the Mac, or of one person where an icon or a key is in it. It
    /// is not for iPhones and iPads, whose profile serves Macs as well.
    #[command(after_help = profile::MACOS_EXAMPLES)]
    Macos(ProfileArguments),
    /// The root certificate for phones and tablets with Android
    #[command(after_help = plain::ANDROID_EXAMPLES)]
    Android(PlainArguments),
    /// The root certificate for Windows, and a script that puts it in its place
    #[command(after_help = plain::WINDOWS_EXAMPLES)]
    Windows(PlainArguments),
    /// The root certificate for Linux systems
    #[command(after_help = plain::LINUX_EXAMPLES)]
    Linux(PlainArguments),
    /// The root certificate for Firefox, and the policy that has it trusted
    #[command(after_help = plain::FIREFOX_EXAMPLES)]
    Firefox(PlainArguments),
    /// A truststore for Java
    #[command(after_help = plain::JAVA_EXAMPLES)]
    Java(PlainArguments),
    /// The root certificate in PEM
    #[command(after_help = plain::PEM_EXAMPLES)]
    Pem(WithIssuingArguments),
    /// The root certificate in DER
    #[command(after_help = plain::DER_EXAMPLES)]
    Der(PlainArguments),
    /// The CAs between the root and a server, in PEM
    #[command(after_help = plain::CHAIN_EXAMPLES)]
    Chain(PlainArguments),
    /// A certificate with its key and chain, encrypted under a password (PKCS#12)
    #[command(after_help = p12::EXAMPLES)]
    P12(P12Arguments),
    /// One archive for a device, or for a server
    #[command(after_help = zip::EXAMPLES)]
    Zip(ZipArguments),
    /// A mail with the profile and the steps, to be sent by your mail program
    #[command(after_help = mail::EXAMPLES)]
    Mail(MailArguments),
    /// The configuration of a server, and the commands that put it in place
    #[command(after_help = preset::EXAMPLES)]
    Preset(PresetArguments),
}

/// Writes files to hand out.
///
/// # Errors
/// A home that fails, or a file that is there already.
pub fn run(arguments: &ExportArguments, context: &Context) -> Result<Outcome, Failure> {
    match &arguments.target {
        ExportTarget::Ios(arguments) => profile::run_for_everybody(arguments, context),
        ExportTarget::Macos(arguments) => profile::run_for_macs(arguments, context),
        ExportTarget::Android(arguments) => plain::run(Target::Android, arguments, context),
        ExportTarget::Windows(arguments) => plain::run(Target::Windows, arguments, context),
        ExportTarget::Linux(arguments) => plain::run(Target::Linux, arguments, context),
        ExportTarget::Firefox(arguments) => plain::run(Target::Firefox, arguments, context),
        ExportTarget::Java(arguments) => plain::run(Target::Java, arguments, context),
        ExportTarget::Pem(arguments) => plain::run_with_issuing(Target::Pem, arguments, context),
        ExportTarget::Der(arguments) => plain::run(Target::Der, arguments, context),
        ExportTarget::Chain(arguments) => plain::run(Target::Chain, arguments, context),
        ExportTarget::P12(arguments) => p12::run(arguments, context),
        ExportTarget::Zip(arguments) => zip::run(arguments, context),
        ExportTarget::Mail(arguments) => mail::run(arguments, context),
        ExportTarget::Preset(arguments) => preset::run(arguments, context),
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca export ios                        home-hub.mobileconfig, for the iPad
  hubca export pem --out /etc/ssl/hub.pem
  hubca export der --out - | sha256sum";
