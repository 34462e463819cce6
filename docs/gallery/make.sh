#!/bin/sh
# Draws the pictures of this folder anew: make.sh FOLDER, where FOLDER has the models
# that README.md names.
set -eu
here=$(dirname "$0")
for name in densenet121 vit_b_16 googlenet efficientnet_b0 llama32; do
    modelgram "$1/${name}_dy.onnx" -o "$here/$name.svg"
done
for name in densenet121 vit_b_16 llama32; do
    modelgram "$1/${name}_dy.onnx" --aspect 1.5 -o "$here/$name-columns.svg"
done
modelgram "$1/googlenet_dy.onnx" --splines ortho --columns 4 -o "$here/googlenet-ortho.svg"
