# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ecmock_global_optspecs
string join \n fixture= auth= credential= rate-limit= quota= settle= visible-after= seed= clock= fault= journal-entries= journal-bytes= state-dir= state-sync tls-dir= tls-name= admin-host= log= stop-on-stdin-eof listen= h/help V/version
end

function __fish_ecmock_needs_command
# Figure out if the current invocation already has a command.
set -l cmd (commandline -opc)
set -e cmd[1]
argparse -s (__fish_ecmock_global_optspecs) -- $cmd 2>/dev/null
or return
if set -q argv[1]
# Also print the command, so this can be used to figure out what it is.
echo $argv[1]
return 1
end
return 0
end

function __fish_ecmock_using_subcommand
set -l cmd (__fish_ecmock_needs_command)
test -z "$cmd"
and return 1
contains -- $cmd[1] $argv
end

complete -c ecmock -n "__fish_ecmock_needs_command" -l fixture -d 'Initial state, or none' -r -F
complete -c ecmock -n "__fish_ecmock_needs_command" -l auth -d 'Authentication: open or verify' -r -f -a "open\t'Signatures are not verified; the SecretId selects the account'
verify\t'Every call must be signed with a known key'"
complete -c ecmock -n "__fish_ecmock_needs_command" -l credential -d 'Credential to accept' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l rate-limit -d 'Calls per second and action' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l quota -d 'Quota, for example havips-per-vpc=10' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l settle -d 'When state changes complete' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l visible-after -d 'When created resources are visible' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l seed -d 'Seed for all IDs' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l clock -d 'Freeze the clock' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l fault -d 'Fault rules for every account, as a JSON file' -r -F
complete -c ecmock -n "__fish_ecmock_needs_command" -l journal-entries -d 'Calls kept in each journal' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l journal-bytes -d 'Bytes kept in all journals' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l state-dir -d 'Directory that keeps the state of accounts' -r -F
complete -c ecmock -n "__fish_ecmock_needs_command" -l tls-dir -d 'Directory for the CA' -r -F
complete -c ecmock -n "__fish_ecmock_needs_command" -l tls-name -d 'Additional name for the TLS certificate' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l admin-host -d 'Additional host name of the admin API' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l log -d 'Log format: pretty or json' -r -f -a "pretty\t'One short line per event, for people'
json\t'One JSON object per line, for programs'"
complete -c ecmock -n "__fish_ecmock_needs_command" -l listen -d 'Address to listen on' -r
complete -c ecmock -n "__fish_ecmock_needs_command" -l state-sync -d 'Write changes to the disk at once'
complete -c ecmock -n "__fish_ecmock_needs_command" -l stop-on-stdin-eof -d 'Stop when stdin closes'
complete -c ecmock -n "__fish_ecmock_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_needs_command" -s V -l version -d 'Print version'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "serve" -d 'Run the server (default command)'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "actions" -d 'List actions, or show one with its parameters and errors'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "check" -d 'Validate fixtures'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "env" -d 'Print shell commands that configure tccli and the SDKs'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "healthcheck" -d 'Check whether a server is ready'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "wait" -d 'Wait until a server is ready'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "doctor" -d 'Find mistakes in the setup of this machine'
complete -c ecmock -n "__fish_ecmock_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l fixture -d 'Initial state, or none' -r -F
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l auth -d 'Authentication: open or verify' -r -f -a "open\t'Signatures are not verified; the SecretId selects the account'
verify\t'Every call must be signed with a known key'"
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l credential -d 'Credential to accept' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l rate-limit -d 'Calls per second and action' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l quota -d 'Quota, for example havips-per-vpc=10' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l settle -d 'When state changes complete' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l visible-after -d 'When created resources are visible' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l seed -d 'Seed for all IDs' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l clock -d 'Freeze the clock' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l fault -d 'Fault rules for every account, as a JSON file' -r -F
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l journal-entries -d 'Calls kept in each journal' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l journal-bytes -d 'Bytes kept in all journals' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l state-dir -d 'Directory that keeps the state of accounts' -r -F
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l tls-dir -d 'Directory for the CA' -r -F
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l tls-name -d 'Additional name for the TLS certificate' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l admin-host -d 'Additional host name of the admin API' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l log -d 'Log format: pretty or json' -r -f -a "pretty\t'One short line per event, for people'
json\t'One JSON object per line, for programs'"
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l listen -d 'Address to listen on' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l state-sync -d 'Write changes to the disk at once'
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -l stop-on-stdin-eof -d 'Stop when stdin closes'
complete -c ecmock -n "__fish_ecmock_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand actions" -l json -d 'Print JSON'
complete -c ecmock -n "__fish_ecmock_using_subcommand actions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand env" -l listen -d 'Address of the server' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand env" -l hosts -d 'Print hosts entries for the vendor\'s names instead'
complete -c ecmock -n "__fish_ecmock_using_subcommand env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand healthcheck" -l listen -d 'Address of the server' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand healthcheck" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand wait" -l listen -d 'Address of the server' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand wait" -l timeout -d 'Time limit, for example 2m' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand doctor" -l endpoint -d 'Endpoint of the clients' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand doctor" -l listen -d 'Address of the server' -r
complete -c ecmock -n "__fish_ecmock_using_subcommand doctor" -l json -d 'Print JSON'
complete -c ecmock -n "__fish_ecmock_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ecmock -n "__fish_ecmock_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
