using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Calibration.Moments;

public sealed class InputRowsTests
{
    [Theory]
    [InlineData(1, 1, 1, 0, 0, 1, "NOTSET")]
    [InlineData(3, 1, 1, 1, 1, 1, "NOTSET")]
    [InlineData(3, 2, 1, 0, 2, 2, "NOTSET")]
    [InlineData(2, 1, 2, 1, 0, 4, "NOTSET")]
    [InlineData(3, 2, 1, 0, 0, 1, "SAME_UPPER")]
    [InlineData(2, 2, 1, 0, 0, 2, "SAME_LOWER")]
    [InlineData(3, 3, 1, 0, 0, 1, "VALID")]
    public void The_weight_times_a_row_is_what_the_convolution_gives(int kernel, int stride, int dilation, int before, int behind, int groups, string autoPad)
    {
        var random = new Random(kernel * 100 + stride);
        const int Samples = 2, Channels = 4, Height = 7, Width = 6;
        float[] input = Floats(random, Samples * Channels * Height * Width);
        int perGroup = Channels / groups, columns = perGroup * kernel * kernel;
        float[] weight = Floats(random, columns);
        var window = new InputWindow([1, kernel, kernel], [1, stride, stride], [1, dilation, dilation], [0, before, before, 0, behind, behind], autoPad);
        var form = new InputForm("x", InputKind.Window, groups, columns, window);

        var rows = InputRows.Of(form, Tensor.Of([Samples, Channels, Height, Width], input));

        var (outHeight, top) = Padding(Height, kernel, stride, dilation, before, behind, autoPad);
        var (outWidth, left) = Padding(Width, kernel, stride, dilation, before, behind, autoPad);
        Assert.Equal((Samples, outHeight * outWidth), (rows.Samples, rows.RowsPerSample));
        int stridePanel = GramProduct.StrideOf(columns);
        for (int sample = 0; sample < Samples; sample++)
        {
            for (int group = 0; group < groups; group++)
            {
                float[] panel = new float[rows.RowsPerSample * stridePanel];
                rows.Fill(group, sample, [.. Enumerable.Range(0, rows.RowsPerSample)], panel, stridePanel);
                for (int position = 0; position < rows.RowsPerSample; position++)
                {
                    double expected = 0, found = 0;
                    for (int k = 0; k < columns; k++) found += panel[position * stridePanel + k] * weight[k];
                    for (int c = 0; c < perGroup; c++)
                    {
                        for (int dy = 0; dy < kernel; dy++)
                        {
                            for (int dx = 0; dx < kernel; dx++)
                            {
                                int y = position / outWidth * stride - top + dy * dilation, x = position % outWidth * stride - left + dx * dilation;
                                if (y < 0 || y >= Height || x < 0 || x >= Width) continue;
                                expected += input[((sample * Channels + group * perGroup + c) * Height + y) * Width + x] * weight[(c * kernel + dy) * kernel + dx];
                            }
                        }
                    }

                    Assert.Equal(expected, found, 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Products_take_rows_along_the_axis_that_is_summed()
    {
        var activation = Tensor.Of([2, 3, 2], [.. Enumerable.Range(0, 12).Select(i => (float)i)]);

        Assert.Equal([0, 1, 2, 3, 4, 5], All(new InputForm("x", InputKind.LastAxis, 1, 2, null), activation, 0));
        Assert.Equal([6, 7, 8, 9, 10, 11], All(new InputForm("x", InputKind.LastAxis, 1, 2, null), activation, 1));
        Assert.Equal([0, 2, 4, 1, 3, 5], All(new InputForm("x", InputKind.LastButOneAxis, 1, 3, null), activation, 0));
        Assert.Equal([0, 2, 4, 1, 3, 5], All(new InputForm("x", InputKind.Channels, 1, 3, null), activation, 0));
    }

    [Fact]
    public void An_activation_of_another_shape_is_refused()
    {
        var activation = Tensor.Of([2, 3], new float[6]);

        Assert.Contains("'x' has the shape [2, 3]: expected one that gives rows of 4 numbers",
            Assert.Throws<OnnxModelException>(() => InputRows.Of(new InputForm("x", InputKind.LastAxis, 1, 4, null), activation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_a_large_sample_are_spread_and_differ_from_sample_to_sample()
    {
        for (long sample = 0; sample < 20; sample++)
        {
            int[] taken = RowSample.Of(3025, 512, sample);

            Assert.Equal(512, taken.Distinct().Count());
            Assert.All(taken, row => Assert.InRange(row, 0, 3024));
            Assert.InRange(taken.Zip(taken.Skip(1), (a, b) => b - a).Max(), 1, 20);
        }

        Assert.NotEqual(RowSample.Of(3025, 512, 1), RowSample.Of(3025, 512, 2));
        Assert.Equal(Enumerable.Range(0, 512), RowSample.Of(512, 512, 3));
    }

    static float[] All(InputForm form, Tensor activation, int sample)
    {
        var rows = InputRows.Of(form, activation);
        float[] panel = new float[rows.RowsPerSample * form.Columns];
        rows.Fill(0, sample, [.. Enumerable.Range(0, rows.RowsPerSample)], panel, form.Columns);
        return panel;
    }

    static (int Size, int Before) Padding(int input, int kernel, int stride, int dilation, int before, int behind, string autoPad)
    {
        int reach = (kernel - 1) * dilation + 1, size = (input + stride - 1) / stride, zeros = Math.Max(0, (size - 1) * stride + reach - input);
        return autoPad switch
        {
            "SAME_UPPER" => (size, zeros / 2),
            "SAME_LOWER" => (size, (zeros + 1) / 2),
            "VALID" => ((input - reach) / stride + 1, 0),
            _ => ((input + before + behind - reach) / stride + 1, before),
        };
    }

    static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
}
