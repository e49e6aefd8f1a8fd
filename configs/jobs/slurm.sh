#!/usr/bin/env bash
# Embedding as a Slurm job array: one GPU a task, eight tasks at once, then the rest of the run.
#
#   bash configs/jobs/slurm.sh CONFIG RUN CACHE
#
# CONFIG  a configuration, for example configs/gpu-batch.toml
# RUN     the run folder, and
# CACHE   the vector cache: both on a file system that all nodes see
#
# A task that is killed or runs out of time loses the batches in flight; submit the same command again, and only what is
# not in the cache is computed.
set -euo pipefail
config=$1 run=$2 cache=$3 shards=8 device=${DEVICE:-cuda}

# Cut the segments where the command is given; this needs no GPU.
topicgpu run "$config" --out "$run" --until segment --device cpu --set embedding.cache="$cache"

array=$(sbatch --parsable --job-name=topicgpu-embed --array="0-$((shards - 1))" \
    --gpus=1 --cpus-per-task=8 --mem=32G --time=02:00:00 \
    --wrap="topicgpu embed '$run' --shard \$SLURM_ARRAY_TASK_ID/$shards --set embedding.device=$device")

# All shards there: neighbors, themes, drift and the report. Refuses, and says how much is missing, if one is not.
sbatch --job-name=topicgpu-join --dependency="afterok:$array" --gpus=1 --cpus-per-task=8 --mem=64G --time=02:00:00 \
    --wrap="topicgpu embed '$run' --join --set embedding.device=$device"
