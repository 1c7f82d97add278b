#!/bin/sh
# Makes the folders of a machine that is runner, MLflow and DVC remote in one. Running it again
# changes nothing.
#
#   sudo sh prepare.sh FOLDER [USER]
#
# FOLDER outlives jobs: it is the only copy of models and runs, so put it on a disk that is backed
# up. USER runs the jobs, interlock-runner-0 for the first slot; default: the user of this script.
set -eu

folder=${1:?"give the folder, as /srv/interlock"}
owner=${2:-$(id -un)}
case $folder in
/*) ;;
*)
  echo "refused: $folder is not an absolute path" >&2
  exit 2
  ;;
esac

for name in mlflow dvc checkpoints; do
  mkdir -p "$folder/$name"
  chmod 0700 "$folder/$name"
  chown "$owner" "$folder/$name"
done

cat <<END
In the policy, .github/interlock.yml on the default branch:
  mlflow: sqlite:///$folder/mlflow/mlflow.db
In the repository:
  dvc remote add --default store $folder/dvc
END
