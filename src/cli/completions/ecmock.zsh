#compdef ecmock

autoload -U is-at-least

_ecmock() {
typeset -A opt_args
typeset -a _arguments_options
local ret=1

if is-at-least 5.2; then
_arguments_options=(-s -S -C)
else
_arguments_options=(-s -C)
fi

local context curcontext="$curcontext" state line
_arguments "${_arguments_options[@]}" : \
'*--fixture=[Initial state, or none]:FILE:_files' \
'--auth=[Authentication\: open or verify]:AUTH:((open\:"Signatures are not verified; the SecretId selects the account"
verify\:"Every call must be signed with a known key"))' \
'*--credential=[Credential to accept]:ID:KEY:_default' \
'--rate-limit=[Calls per second and action]:LIMIT:_default' \
'*--quota=[Quota, for example havips-per-vpc=10]:NAME=N:_default' \
'--settle=[When state changes complete]:N|TIME:_default' \
'--visible-after=[When created resources are visible]:N|TIME:_default' \
'--seed=[Seed for all IDs]:N:_default' \
'--clock=[Freeze the clock]:RFC3339:_default' \
'*--fault=[Fault rules for every account, as a JSON file]:FILE:_files' \
'--journal-entries=[Calls kept in each journal]:N:_default' \
'--journal-bytes=[Bytes kept in all journals]:BYTES:_default' \
'--state-dir=[Directory that keeps the state of accounts]:DIR:_files' \
'--tls-dir=[Directory for the CA]:DIR:_files' \
'*--tls-name=[Additional name for the TLS certificate]:NAME:_default' \
'*--admin-host=[Additional host name of the admin API]:NAME:_default' \
'--log=[Log format\: pretty or json]:LOG:((pretty\:"One short line per event, for people"
json\:"One JSON object per line, for programs"))' \
'*--listen=[Address to listen on]:ADDR:_default' \
'--state-sync[Write changes to the disk at once]' \
'--stop-on-stdin-eof[Stop when stdin closes]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_ecmock_commands" \
"*::: :->ecmock" \
&& ret=0
case $state in
(ecmock)
words=($line[1] "${words[@]}")
(( CURRENT += 1 ))
curcontext="${curcontext%:*:*}:ecmock-command-$line[1]:"
case $line[1] in
(serve)
_arguments "${_arguments_options[@]}" : \
'*--fixture=[Initial state, or none]:FILE:_files' \
'--auth=[Authentication\: open or verify]:AUTH:((open\:"Signatures are not verified; the SecretId selects the account"
verify\:"Every call must be signed with a known key"))' \
'*--credential=[Credential to accept]:ID:KEY:_default' \
'--rate-limit=[Calls per second and action]:LIMIT:_default' \
'*--quota=[Quota, for example havips-per-vpc=10]:NAME=N:_default' \
'--settle=[When state changes complete]:N|TIME:_default' \
'--visible-after=[When created resources are visible]:N|TIME:_default' \
'--seed=[Seed for all IDs]:N:_default' \
'--clock=[Freeze the clock]:RFC3339:_default' \
'*--fault=[Fault rules for every account, as a JSON file]:FILE:_files' \
'--journal-entries=[Calls kept in each journal]:N:_default' \
'--journal-bytes=[Bytes kept in all journals]:BYTES:_default' \
'--state-dir=[Directory that keeps the state of accounts]:DIR:_files' \
'--tls-dir=[Directory for the CA]:DIR:_files' \
'*--tls-name=[Additional name for the TLS certificate]:NAME:_default' \
'*--admin-host=[Additional host name of the admin API]:NAME:_default' \
'--log=[Log format\: pretty or json]:LOG:((pretty\:"One short line per event, for people"
json\:"One JSON object per line, for programs"))' \
'*--listen=[Address to listen on]:ADDR:_default' \
'--state-sync[Write changes to the disk at once]' \
'--stop-on-stdin-eof[Stop when stdin closes]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(actions)
_arguments "${_arguments_options[@]}" : \
'--json[Print JSON]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::action -- Name of an action, for example `CreateHaVip`:_default' \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::files -- Fixture to validate:_files' \
&& ret=0
;;
(env)
_arguments "${_arguments_options[@]}" : \
'*--listen=[Address of the server]:ADDR:_default' \
'--hosts[Print hosts entries for the vendor'\''s names instead]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(healthcheck)
_arguments "${_arguments_options[@]}" : \
'*--listen=[Address of the server]:ADDR:_default' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(wait)
_arguments "${_arguments_options[@]}" : \
'*--listen=[Address of the server]:ADDR:_default' \
'--timeout=[Time limit, for example 2m]:TIME:_default' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--endpoint=[Endpoint of the clients]:URL:_default' \
'*--listen=[Address of the server]:ADDR:_default' \
'--json[Print JSON]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- Name of the shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
esac
;;
esac
}

(( $+functions[_ecmock_commands] )) ||
_ecmock_commands() {
local commands; commands=(
'serve:Run the server (default command)' \
'actions:List actions, or show one with its parameters and errors' \
'check:Validate fixtures' \
'env:Print shell commands that configure tccli and the SDKs' \
'healthcheck:Check whether a server is ready' \
'wait:Wait until a server is ready' \
'doctor:Find mistakes in the setup of this machine' \
'completions:Print a completion script for a shell' \
)
_describe -t commands 'ecmock commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__actions_commands] )) ||
_ecmock__subcmd__actions_commands() {
local commands; commands=()
_describe -t commands 'ecmock actions commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__check_commands] )) ||
_ecmock__subcmd__check_commands() {
local commands; commands=()
_describe -t commands 'ecmock check commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__completions_commands] )) ||
_ecmock__subcmd__completions_commands() {
local commands; commands=()
_describe -t commands 'ecmock completions commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__doctor_commands] )) ||
_ecmock__subcmd__doctor_commands() {
local commands; commands=()
_describe -t commands 'ecmock doctor commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__env_commands] )) ||
_ecmock__subcmd__env_commands() {
local commands; commands=()
_describe -t commands 'ecmock env commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__healthcheck_commands] )) ||
_ecmock__subcmd__healthcheck_commands() {
local commands; commands=()
_describe -t commands 'ecmock healthcheck commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__serve_commands] )) ||
_ecmock__subcmd__serve_commands() {
local commands; commands=()
_describe -t commands 'ecmock serve commands' commands "$@"
}
(( $+functions[_ecmock__subcmd__wait_commands] )) ||
_ecmock__subcmd__wait_commands() {
local commands; commands=()
_describe -t commands 'ecmock wait commands' commands "$@"
}

if [ "$funcstack[1]" = "_ecmock" ]; then
_ecmock "$@"
else
compdef _ecmock ecmock
fi
