import sys, tempfile, time, traceback
from collections import Counter
from pathlib import Path
from tests.simulation.simulation import simulate, Broken
n=int(sys.argv[1]); first=int(sys.argv[2]) if len(sys.argv)>2 else 0
began=time.perf_counter(); bad=0; tot=Counter(); rel=Counter()
for seed in range(first, first+n):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as d:
        t=time.perf_counter()
        try: r=simulate(seed, Path(d))
        except Broken as e:
            bad+=1; print(str(e)[:1500 if n>1 else None].split("\n    ")[0] if n>3 else e); 
            if n<=3: traceback.print_exception(e.__cause__)
            continue
        for k in ("orders","jobs","delivered","gifts","crashes","stops","orphans","twice","virtual_hours"): tot[k]+=getattr(r,k)
        rel.update(r.released)
        if n<20: print(seed, round(time.perf_counter()-t,2), len(r.trace))
print(bad,"bad of",n, round(time.perf_counter()-began,1),"s", dict(tot), dict(rel))
