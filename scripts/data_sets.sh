# The real data sets that the project is measured on, and how models of them are trained; sourced after lib.sh
# by the scripts that measure.
# shellcheck shell=bash disable=SC2034,SC2154

labelbeam=${LABELBEAM:-$top/build/release/cli/labelbeam}
data=${LABELBEAM_DATA:-$top/../shared/data}
known_sets=(semeval2018_ec_en valueeval23 goemotions reuters21578_modapte90 debtags)

# What --help says of them.
measuring_help() {
  cat <<END
Needs the command line in build/release (cmake --preset release && cmake --build --preset release);
LABELBEAM names another one. LABELBEAM_DATA (default: ../shared/data) is a folder with a data folder for each
set, and with word vectors of 100 numbers, in word2vec's text format; debtags uses none, the tweets and
GoEmotions all three, the others the first:
  vectors/glove.6B.100d.100k.3dec.txt.gz                   GloVe 6B, the first 100,000 words
  vectors/glove.twitter.27B.100d.2720.txt.gz               GloVe Twitter 27B, the first 2,720 words
  vectors/derived.emoji2vec-in-glove6B100.1661.txt.gz      emoji2vec, mapped into GloVe 6B's space
END
}

# seeds_help SET...: a line for each set, with how many seeds its models are trained.
seeds_help() {
  local set training seeds
  for set in "$@"; do
    training_of "$set"
    printf '  %-24s %d\n' "$set" "$seeds"
  done
}

# check_set SET: refuses a name that is none of the sets.
check_set() {
  [[ " ${known_sets[*]} " == *" $1 "* ]] || usage_error "there is no set '$1'; there are: ${known_sets[*]}."
}

# Refuses to start without the command line.
need_labelbeam() {
  [ -x "$labelbeam" ] || die "build the command line first: cmake --preset release && cmake --build --preset release."
}

# need_sets SET...: refuses to start without the command line or the data.
need_sets() {
  local set
  need_labelbeam
  for set in "$@"; do
    [ -d "$data/$set" ] || die "there is no folder $data/$set: set LABELBEAM_DATA to the folder of the data sets."
  done
}

# training_of SET: how a model of it is trained, in the array training; with how many seeds, in seeds.
training_of() {
  local file vectors=()
  local glove=glove.6B.100d.100k.3dec
  local social=(glove.twitter.27B.100d.2720 derived.emoji2vec-in-glove6B100.1661)
  training=(--data "$data/$1") seeds=1
  case $1 in
    semeval2018_ec_en) seeds=5 vectors=("$glove" "${social[@]}") ;;
    valueeval23) seeds=5 vectors=("$glove") ;;
    goemotions) vectors=("$glove" "${social[@]}") ;;
    reuters21578_modapte90) vectors=("$glove") ;;
    debtags) training+=(--sample 8000) ;;
  esac
  for file in "${vectors[@]}"; do training+=(--vectors "$data/vectors/$file.txt.gz"); done
}
