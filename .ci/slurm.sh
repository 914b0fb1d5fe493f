#!/usr/bin/env bash
# A real one-node Slurm for the tests, without systemd and without accounting.
# usage: slurm.sh up FOLDER | down FOLDER | packages
# Needs root. All state is in FOLDER, but for /etc/slurm/slurm.conf (the executor plugin strips SLURM_* variables, so
# SLURM_CONF would not reach its jobs). Two pretend GPUs; 2 cores play 8.
set -euo pipefail
packages=(slurm-wlm slurm-client munge)
action=${1:?usage: slurm.sh up|down FOLDER}
if [ "$action" = packages ]; then
    echo "${packages[@]}"
    exit 0
fi
folder=$(realpath -m "${2:?usage: slurm.sh up|down FOLDER}")
host=$(hostname -s)

if [ "$action" = down ]; then
    scancel -u root 2>/dev/null || true
    for daemon in slurmd slurmctld munged; do
        [ -s "$folder/$daemon.pid" ] && kill "$(cat "$folder/$daemon.pid")" 2>/dev/null || true
    done
    sleep 2
    # A configuration without a controller makes every snakemake call 9 seconds slower.
    rm -rf "$folder" /etc/slurm/slurm.conf
    exit 0
fi

if ! command -v slurmctld >/dev/null || ! command -v munged >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

mkdir -p "$folder"/{ctld,spool,log}
chown slurm: "$folder" "$folder"/{ctld,log}
settings=(
    ClusterName=tests "SlurmctldHost=$host" SlurmUser=slurm SlurmctldPort=16817 SlurmdPort=16818
    "StateSaveLocation=$folder/ctld" "SlurmdSpoolDir=$folder/spool"
    "SlurmctldPidFile=$folder/slurmctld.pid" "SlurmdPidFile=$folder/slurmd.pid"
    "SlurmctldLogFile=$folder/log/slurmctld.log" "SlurmdLogFile=$folder/log/slurmd.log"
    # No cgroups: limits of memory and cores are not enforced here.
    ProctrackType=proctrack/linuxproc TaskPlugin=task/none
    SelectType=select/cons_tres SelectTypeParameters=CR_Core_Memory DefMemPerCPU=500
    ReturnToService=2 SlurmdParameters=config_overrides
    JobAcctGatherType=jobacct_gather/none AccountingStorageType=accounting_storage/none
    JobRequeue=1 KillWait=10 MinJobAge=300
    SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
    PreemptType=preempt/partition_prio PreemptMode=REQUEUE GresTypes=gpu
)
{
    printf '%s\n' "${settings[@]}"
    echo "NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 Gres=gpu:fake:2 State=UNKNOWN"
    echo "PartitionName=main Nodes=$host Default=YES PriorityTier=10 PreemptMode=off"
    echo "PartitionName=gpu Nodes=$host PriorityTier=10 PreemptMode=off"
    echo "PartitionName=scavenge Nodes=$host PriorityTier=1 GraceTime=10 PreemptMode=REQUEUE"
} >"$folder/slurm.conf"
for gpu in 0 1; do
    # Pretend GPUs are copies of /dev/null: Slurm hands out the numbers, nothing opens them.
    [ -e "$folder/gpu$gpu" ] || mknod "$folder/gpu$gpu" c 1 3
    echo "NodeName=$host Name=gpu Type=fake File=$folder/gpu$gpu"
done >"$folder/gres.conf"

mkdir -p /run/munge /etc/slurm
chown munge: /run/munge
[ -s /etc/munge/munge.key ] || mungekey -c
chown munge: /etc/munge/munge.key
munge -n >/dev/null 2>&1 || {
    runuser -u munge -- munged
    cp /run/munge/munged.pid "$folder"/  # ours to stop
}
ln -sfn "$folder/slurm.conf" /etc/slurm/slurm.conf
slurmctld -f "$folder/slurm.conf"
slurmd -f "$folder/slurm.conf"
for _ in $(seq 150); do
    if sinfo -h -o %T 2>/dev/null | grep -qx idle; then
        sinfo
        exit 0
    fi
    sleep 0.2
done
echo "slurm.sh: the node did not become idle" >&2
tail -n 20 "$folder"/log/*.log >&2
exit 1
