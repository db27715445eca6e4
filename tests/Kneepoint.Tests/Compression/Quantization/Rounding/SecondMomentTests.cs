using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization.Rounding;

namespace Kneepoint.Tests.Compression.Quantization.Rounding;

public sealed class SecondMomentTests
{
    const int Columns = 6, Rows = 200;

    [Fact]
    public void The_error_of_a_weight_is_the_mean_squared_error_of_its_outputs()
    {
        var (rows, moments) = Some();
        float[] error = [0.1f, -0.2f, 0, 0.05f, 0.3f, -0.1f];

        double found = SecondMoment.Of(moments, 0).ErrorOf(error);

        Assert.Equal(rows.Average(row => Math.Pow(Dot(error, row), 2)), found, 1e-5);
    }

    [Fact]
    public void With_a_free_bias_the_error_is_that_of_the_outputs_about_their_mean()
    {
        var (rows, moments) = Some();
        float[] error = [0.1f, -0.2f, 0, 0.05f, 0.3f, -0.1f];
        double shift = Dot(error, [.. SecondMoment.MeanOf(moments, 0).Select(mean => (float)mean)]);

        double found = SecondMoment.Of(moments, 0, isCentered: true).ErrorOf(error);

        Assert.Equal(rows.Average(row => Math.Pow(Dot(error, row) - shift, 2)), found, 1e-5);
        Assert.True(found < SecondMoment.Of(moments, 0).ErrorOf(error));
    }

    [Fact]
    public void An_input_that_never_changes_has_no_variance_rather_than_less()
    {
        var moments = new InputMoments(1, 1);
        float[] panel = new float[16 * 50];
        for (int r = 0; r < 50; r++) panel[r * 16] = 1.1f;
        moments.Add(0, panel, 50);
        moments.CountRows(50);

        Assert.InRange(SecondMoment.Of(moments, 0, isCentered: true).Upper[0], 0, 1e-6);
    }

    static (float[][] Rows, InputMoments Moments) Some()
    {
        var random = new Random(2);
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Columns).Select(k => (float)(random.NextDouble() + k)).ToArray())];
        var moments = new InputMoments(1, Columns);
        float[] panel = new float[16 * Rows];
        for (int r = 0; r < Rows; r++) rows[r].CopyTo(panel, r * 16);
        moments.Add(0, panel, Rows);
        moments.CountRows(Rows);
        return (rows, moments);
    }

    static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
