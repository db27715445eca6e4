namespace Kneepoint.Glyphs;

/// <summary>A convolution, or a fully connected layer as a convolution that covers its whole input; a rectifier may follow.</summary>
/// <remarks>C input channels of side S, O output channels of side T, kernel side k; K = C·k·k.</remarks>
sealed class Layer
{
    public readonly int Channels, Side, OutputChannels, Kernel, Stride, Padding, OutputSide;
    public readonly bool IsRectified;
    public readonly float[] Weights, Biases;

    public Layer(int channels, int side, int outputChannels, int kernel, int stride, int padding, bool isRectified, Random random)
    {
        (Channels, Side, OutputChannels, Kernel, Stride, Padding, IsRectified) = (channels, side, outputChannels, kernel, stride, padding, isRectified);
        OutputSide = (side + 2 * padding - kernel) / stride + 1;
        Weights = new float[outputChannels * Reduction];
        Biases = new float[outputChannels];

        // He et al. 2015, eq. 10: the variance 2/K keeps the scale of rectified activations.
        double scale = Math.Sqrt(2.0 / Reduction);
        for (int i = 0; i < Weights.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            Weights[i] = (float)(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
    }

    public int Reduction => Channels * Kernel * Kernel;

    public int Positions => OutputSide * OutputSide;

    public int InputSize => Channels * Side * Side;

    public int OutputSize => OutputChannels * Positions;

    /// <summary>input [C, S, S] → output [O, T, T]; columns [K, T·T] is kept for <see cref="Backward"/>.</summary>
    public void Forward(ReadOnlySpan<float> input, Span<float> columns, Span<float> output)
    {
        Unfold(input, columns);
        for (int o = 0; o < OutputChannels; o++)
        {
            var row = output.Slice(o * Positions, Positions);
            row.Fill(Biases[o]);
            for (int k = 0; k < Reduction; k++)
            {
                Kernels.AddScaled(columns.Slice(k * Positions, Positions), Weights[o * Reduction + k], row);
            }

            if (!IsRectified) continue;
            for (int i = 0; i < row.Length; i++) row[i] = Math.Max(row[i], 0);
        }
    }

    /// <summary>Adds to the gradients of weights and biases; writes the gradient of the input unless it is empty.</summary>
    /// <param name="outputGradient">[O, T, T]; zeroed where the rectifier was closed.</param>
    public void Backward(ReadOnlySpan<float> columns, ReadOnlySpan<float> output, Span<float> outputGradient,
        Span<float> weightGradient, Span<float> biasGradient, Span<float> columnGradient, Span<float> inputGradient)
    {
        columnGradient.Clear();
        for (int o = 0; o < OutputChannels; o++)
        {
            var gradient = outputGradient.Slice(o * Positions, Positions);
            if (IsRectified)
            {
                var row = output.Slice(o * Positions, Positions);
                for (int i = 0; i < row.Length; i++)
                {
                    if (row[i] <= 0) gradient[i] = 0;
                }
            }

            foreach (float value in gradient) biasGradient[o] += value;
            for (int k = 0; k < Reduction; k++)
            {
                weightGradient[o * Reduction + k] += Kernels.Dot(gradient, columns.Slice(k * Positions, Positions));
                if (!inputGradient.IsEmpty)
                {
                    Kernels.AddScaled(gradient, Weights[o * Reduction + k], columnGradient.Slice(k * Positions, Positions));
                }
            }
        }

        if (!inputGradient.IsEmpty) Fold(columnGradient, inputGradient);
    }

    void Unfold(ReadOnlySpan<float> input, Span<float> columns)
    {
        for (int k = 0, place = 0; k < Reduction; k++)
        {
            int channel = k / (Kernel * Kernel), dy = k / Kernel % Kernel - Padding, dx = k % Kernel - Padding;
            for (int y = 0; y < OutputSide; y++)
            {
                for (int x = 0; x < OutputSide; x++, place++)
                {
                    int row = y * Stride + dy, column = x * Stride + dx;
                    bool isInside = (uint)row < (uint)Side && (uint)column < (uint)Side;
                    columns[place] = isInside ? input[(channel * Side + row) * Side + column] : 0;
                }
            }
        }
    }

    void Fold(ReadOnlySpan<float> columnGradient, Span<float> inputGradient)
    {
        inputGradient.Clear();
        for (int k = 0, place = 0; k < Reduction; k++)
        {
            int channel = k / (Kernel * Kernel), dy = k / Kernel % Kernel - Padding, dx = k % Kernel - Padding;
            for (int y = 0; y < OutputSide; y++)
            {
                for (int x = 0; x < OutputSide; x++, place++)
                {
                    int row = y * Stride + dy, column = x * Stride + dx;
                    bool isInside = (uint)row < (uint)Side && (uint)column < (uint)Side;
                    if (isInside) inputGradient[(channel * Side + row) * Side + column] += columnGradient[place];
                }
            }
        }
    }
}
