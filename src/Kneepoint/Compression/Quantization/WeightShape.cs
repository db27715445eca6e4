using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Sees the weight of a layer as [outer, channels, inner].</summary>
static class WeightShape
{
    /// <summary>The elements before and after the output axis.</summary>
    public static (int Outer, int Inner) Around(this WeightedLayer layer)
    {
        int outer = 1;
        int inner = 1;
        for (int axis = 0; axis < layer.WeightDimensions.Count; axis++)
        {
            int size = checked((int)layer.WeightDimensions[axis]);
            if (axis < layer.OutputAxis) outer *= size;
            else if (axis > layer.OutputAxis) inner *= size;
        }

        return (outer, inner);
    }

    /// <summary>The weights of one kernel of a Conv.</summary>
    public static int KernelSize(this WeightedLayer layer)
    {
        long size = 1;
        for (int axis = 2; axis < layer.WeightDimensions.Count; axis++) size *= layer.WeightDimensions[axis];
        return checked((int)size);
    }
}
