"""A wide network for two minutes, on a GPU if there is one."""

import torch

from tsseq2seq import Network, Seq2SeqForecaster, StudentT, Training, datasets, load

where = torch.cuda.get_device_name() if torch.cuda.is_available() else "the processor"
print(f"training on {where}")

model = Seq2SeqForecaster(
    horizon=12,
    output=StudentT(),
    network=Network(hidden_size=256, attention="additive"),
    training=Training(max_time=120, members=3, device="auto", precision="auto"),
)
model.fit(datasets.load("air_passengers"))
model.save("wide")

# A machine without a GPU reads the same model.
print(load("wide", device="cpu").predict(levels=[80]).head())
