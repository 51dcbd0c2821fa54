"""Wherefore: the bench binary reads the columns of the graph, asks, and measures its own CPU time."""
import json
import os
import subprocess


class Engine:
    def __init__(self, graph, folder):
        self.folder, self.work = graph.folder, folder

    def load(self):
        command = [os.environ["WHEREFORE_PEERS"], self.folder, f"{self.work}/graph.columns"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask(load=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.measured = (answer["cpu"], answer["clock"])
        return answer["answer"]

    def disk(self):
        return os.path.getsize(f"{self.work}/graph.columns")

    def q0(self, node):
        return self.ask(q0=node)

    def q1(self, node, birth):
        return self.ask(q1=[node, birth])

    def q2(self, node, birth, party):
        return self.ask(q2=[node, birth, party])

    def q3(self, fields):
        return self.ask(q3=fields)
