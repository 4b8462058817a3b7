
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ecmock' -ScriptBlock {
param($wordToComplete, $commandAst, $cursorPosition)

$commandElements = $commandAst.CommandElements
$command = @(
'ecmock'
for ($i = 1; $i -lt $commandElements.Count; $i++) {
$element = $commandElements[$i]
if ($element -isnot [StringConstantExpressionAst] -or
$element.StringConstantType -ne [StringConstantType]::BareWord -or
$element.Value.StartsWith('-') -or
$element.Value -eq $wordToComplete) {
break
}
$element.Value
}) -join ';'

$completions = @(switch ($command) {
'ecmock' {
[CompletionResult]::new('--fixture', '--fixture', [CompletionResultType]::ParameterName, 'Initial state, or none')
[CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Authentication: open or verify')
[CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Credential to accept')
[CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'Calls per second and action')
[CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Quota, for example havips-per-vpc=10')
[CompletionResult]::new('--settle', '--settle', [CompletionResultType]::ParameterName, 'When state changes complete')
[CompletionResult]::new('--visible-after', '--visible-after', [CompletionResultType]::ParameterName, 'When created resources are visible')
[CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for all IDs')
[CompletionResult]::new('--clock', '--clock', [CompletionResultType]::ParameterName, 'Freeze the clock')
[CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Fault rules for every account, as a JSON file')
[CompletionResult]::new('--journal-entries', '--journal-entries', [CompletionResultType]::ParameterName, 'Calls kept in each journal')
[CompletionResult]::new('--journal-bytes', '--journal-bytes', [CompletionResultType]::ParameterName, 'Bytes kept in all journals')
[CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Directory that keeps the state of accounts')
[CompletionResult]::new('--tls-dir', '--tls-dir', [CompletionResultType]::ParameterName, 'Directory for the CA')
[CompletionResult]::new('--tls-name', '--tls-name', [CompletionResultType]::ParameterName, 'Additional name for the TLS certificate')
[CompletionResult]::new('--admin-host', '--admin-host', [CompletionResultType]::ParameterName, 'Additional host name of the admin API')
[CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Log format: pretty or json')
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on')
[CompletionResult]::new('--state-sync', '--state-sync', [CompletionResultType]::ParameterName, 'Write changes to the disk at once')
[CompletionResult]::new('--stop-on-stdin-eof', '--stop-on-stdin-eof', [CompletionResultType]::ParameterName, 'Stop when stdin closes')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
[CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
[CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Run the server (default command)')
[CompletionResult]::new('actions', 'actions', [CompletionResultType]::ParameterValue, 'List actions, or show one with its parameters and errors')
[CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Validate fixtures')
[CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Print shell commands that configure tccli and the SDKs')
[CompletionResult]::new('healthcheck', 'healthcheck', [CompletionResultType]::ParameterValue, 'Check whether a server is ready')
[CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a server is ready')
[CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find mistakes in the setup of this machine')
[CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
break
}
'ecmock;serve' {
[CompletionResult]::new('--fixture', '--fixture', [CompletionResultType]::ParameterName, 'Initial state, or none')
[CompletionResult]::new('--auth', '--auth', [CompletionResultType]::ParameterName, 'Authentication: open or verify')
[CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Credential to accept')
[CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'Calls per second and action')
[CompletionResult]::new('--quota', '--quota', [CompletionResultType]::ParameterName, 'Quota, for example havips-per-vpc=10')
[CompletionResult]::new('--settle', '--settle', [CompletionResultType]::ParameterName, 'When state changes complete')
[CompletionResult]::new('--visible-after', '--visible-after', [CompletionResultType]::ParameterName, 'When created resources are visible')
[CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed for all IDs')
[CompletionResult]::new('--clock', '--clock', [CompletionResultType]::ParameterName, 'Freeze the clock')
[CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Fault rules for every account, as a JSON file')
[CompletionResult]::new('--journal-entries', '--journal-entries', [CompletionResultType]::ParameterName, 'Calls kept in each journal')
[CompletionResult]::new('--journal-bytes', '--journal-bytes', [CompletionResultType]::ParameterName, 'Bytes kept in all journals')
[CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Directory that keeps the state of accounts')
[CompletionResult]::new('--tls-dir', '--tls-dir', [CompletionResultType]::ParameterName, 'Directory for the CA')
[CompletionResult]::new('--tls-name', '--tls-name', [CompletionResultType]::ParameterName, 'Additional name for the TLS certificate')
[CompletionResult]::new('--admin-host', '--admin-host', [CompletionResultType]::ParameterName, 'Additional host name of the admin API')
[CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Log format: pretty or json')
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on')
[CompletionResult]::new('--state-sync', '--state-sync', [CompletionResultType]::ParameterName, 'Write changes to the disk at once')
[CompletionResult]::new('--stop-on-stdin-eof', '--stop-on-stdin-eof', [CompletionResultType]::ParameterName, 'Stop when stdin closes')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;actions' {
[CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;check' {
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;env' {
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address of the server')
[CompletionResult]::new('--hosts', '--hosts', [CompletionResultType]::ParameterName, 'Print hosts entries for the vendor''s names instead')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;healthcheck' {
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address of the server')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;wait' {
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address of the server')
[CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit, for example 2m')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;doctor' {
[CompletionResult]::new('--endpoint', '--endpoint', [CompletionResultType]::ParameterName, 'Endpoint of the clients')
[CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address of the server')
[CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
'ecmock;completions' {
[CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
[CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
break
}
})

$completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
Sort-Object -Property ListItemText
}
