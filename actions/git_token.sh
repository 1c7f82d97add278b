# Gives a token to the git programs of this process: no file and no command line holds it.
# usage: . git_token.sh TOKEN
number=${GIT_CONFIG_COUNT:-0}
basic=$(printf 'x-access-token:%s' "$1" | base64 | tr -d '\n')
export GIT_CONFIG_COUNT=$((number + 1)) "GIT_CONFIG_KEY_$number=http.$GITHUB_SERVER_URL/.extraheader" \
  "GIT_CONFIG_VALUE_$number=AUTHORIZATION: basic $basic"
