import threading
import time

done = []


def f(x):
    threading.Thread(target=lambda: (done.append(1), time.sleep(0.2)), daemon=True).start()
    return [20260417.5] * 3
