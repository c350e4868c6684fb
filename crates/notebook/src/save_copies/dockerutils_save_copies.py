"""Writes copies of each notebook that is saved: .diffs/NAME.html, and .diffs/NAME.py or what the kernel's language has.

An extension of Jupyter's server (jupyter_server, and notebook up to 6) that runs in Python 3.6 and later. The copies are
made in a thread, so a save neither waits for them nor fails with them.
"""

import atexit
import os
import threading

# How long the end of the server waits for copies, in seconds. docker kills a container after ten.
LAST_COPIES = 6


class Copier:
    """Makes the copies of the notebooks in a queue. A notebook that is saved again before its turn is in it once."""

    def __init__(self, log):
        self.log = log
        self.waiting = {}
        self.changed = threading.Condition()
        self.is_ending = False
        self.thread = threading.Thread(target=self.run, name="save-copies")
        self.thread.daemon = True
        self.thread.start()
        atexit.register(self.finish)

    def saved(self, model, os_path, **_):
        if model.get("type") == "notebook":
            with self.changed:
                self.waiting[os_path] = True
                self.changed.notify()

    def finish(self):
        with self.changed:
            self.is_ending = True
            self.changed.notify()
        self.thread.join(LAST_COPIES)

    def run(self):
        while True:
            with self.changed:
                while not self.waiting:
                    if self.is_ending:
                        return
                    self.changed.wait()
                path = next(iter(self.waiting))
                del self.waiting[path]
            self.copy(path)

    def copy(self, path):
        for name in ("ScriptExporter", "HTMLExporter"):
            try:
                write(path, *export(path, name))
            except Exception as error:  # whatever the notebook contains, the other copy is made
                self.log.warning("No copy of %s by %s: %s: %s", path, name, type(error).__name__, error)


def export(path, name):
    # Imported here, because it takes seconds the first time.
    import nbformat
    from nbconvert import exporters

    notebook = nbformat.read(path, as_version=4)
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    # What no kernel has run yet lacks the language's file extension.
    if name == "ScriptExporter" and "language_info" not in notebook.metadata and language == "python":
        name = "PythonExporter"
    title = {"metadata": {"name": os.path.splitext(os.path.basename(path))[0]}}
    text, resources = getattr(exporters, name)().from_notebook_node(notebook, title)
    return resources["output_extension"], text


def write(path, extension, text):
    folder = os.path.join(os.path.dirname(path), ".diffs")
    copy = os.path.join(folder, os.path.splitext(os.path.basename(path))[0] + extension)
    os.makedirs(folder, exist_ok=True)
    with open(copy + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(copy + ".part", copy)


def load_jupyter_server_extension(app):
    manager = app.contents_manager
    if getattr(manager, "post_save_hook", None) is not None:
        app.log.info("The image has a save hook of its own, so no copies are made by dockerutils.")
    elif not hasattr(manager, "_get_os_path"):
        app.log.warning("No copies of saved notebooks are made: %s keeps no files.", type(manager).__name__)
    elif hasattr(manager, "register_post_save_hook"):
        manager.register_post_save_hook(Copier(app.log).saved)
    else:
        manager.post_save_hook = Copier(app.log).saved


_load_jupyter_server_extension = load_jupyter_server_extension


def _jupyter_server_extension_points():
    return [{"module": "dockerutils_save_copies"}]
