#!/usr/bin/env bash
# Build a release, check it, and tag it: .ci/release.sh VERSION [--tag]
# Without --tag nothing is left but dist/: a rehearsal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version="${1:?the version, such as 0.2.0}"
refuse() { echo "release: $*" >&2; exit 2; }

for file in pyproject.toml CITATION.cff recipe/meta.yaml; do
    grep -Eq "version( =|:) \"?${version//./\\.}\"?|set version = \"${version//./\\.}\"" "$file" ||
        refuse "$file has another version than $version"
done
grep -q "^## $version" CHANGELOG.md || refuse "CHANGELOG.md has no heading ## $version"
[[ -d "tests/models/$version" ]] || refuse "tests/models/$version is missing; python tests/models/make.py $version"
[[ -z "$(git status --porcelain)" ]] || refuse "there are changes that are not committed"
[[ -z "$(git tag --list "v$version")" ]] || refuse "the tag v$version exists"

rm -rf dist
.ci/smoke.sh
.ci/run
mkdir -p dist
.venv/bin/python -m hatchling build -d dist
ls -l dist

if [[ "${2:-}" == --tag ]]; then
    git tag --annotate "v$version" --message "tsseq2seq $version"
    echo "tagged v$version; push it, and upload dist/"
fi
