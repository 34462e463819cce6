#!/bin/sh
# Draws the pictures of this folder anew: make.sh FOLDER, where FOLDER has the models
# that README.md names.
set -eu
here=$(dirname "$0")
for name in densenet121 vit_b_16 googlenet efficientnet_b0 llama32; do
    modelgram "$1/${name}_dy.onnx" --group off -o "$here/$name.svg"
done
for name in densenet121 vit_b_16 llama32; do
    modelgram "$1/${name}_dy.onnx" --group off --aspect 1.5 -o "$here/$name-columns.svg"
done
modelgram "$1/googlenet_dy.onnx" --group off --splines ortho --columns 4 -o "$here/googlenet-ortho.svg"
for name in llama126_dy llama32_dy bert12_dy bert12_ts vit_b_16_dy vit_b_16_ts densenet121_ts gpt2_dy t5_ts; do
    modelgram "$1/$name.onnx" -o "$here/page-$name.svg"
done
