#compdef ita-gateway
# zsh completion of ita-gateway; printed by `ita-gateway completion zsh`. The words come from the
# tables of the installed program (`ita-gateway completion words`), so they are always those it takes.
_ita_gateway()
{
    local word help
    local -a candidates
    while IFS=$'\t' read -r word help; do
        if [[ $word == '<FILE>' ]]; then
            _files
            return
        fi
        candidates+=("${word//:/\\:}${help:+:$help}")
    done < <("${words[1]}" completion words "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#candidates} )) && _describe -t words 'word' candidates
}
if [[ ${funcstack[1]} == _ita-gateway ]]; then # a file on fpath, called by its name
    _ita_gateway "$@"
else
    compdef _ita_gateway ita-gateway
fi
